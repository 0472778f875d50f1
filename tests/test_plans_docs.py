"""docs/plans.md shows what the command really prints, and its examples are valid."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path

import pytest
import yaml

from gatekeeper.cli import plan
from gatekeeper.formats.task_file import read_task_file
from gatekeeper.schemas import read_schema
from tests.repository import GitRepository

PAGE = Path(__file__).parents[1] / "docs" / "plans.md"
CART = '''"""The cart of a customer."""


def total(prices, discount):
    """The sum of the prices less the discount, in cents."""
    return sum(prices) - discount
'''
TEST = "from shop.cart import total\n\n\ndef test_total():\n    assert total([500, 700], 200) == 1000\n"
FIXED = CART.replace("return sum(prices) - discount", "return max(sum(prices) - discount, 0)")
TESTED = TEST + "\n\ndef test_a_total_is_never_negative():\n    assert total([500], 700) == 0\n"


def example(name):
    found = re.search(rf"<!-- example: {name} -->\n```\w+\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found, name
    return found[1]


@pytest.fixture
def shop(repository: GitRepository) -> GitRepository:
    repository.commit({"src/shop/__init__.py": "", "src/shop/cart.py": CART, "tests/test_cart.py": TEST})
    repository.git("switch", "--quiet", "--create", "fix/negative-total")
    message = "Let no total fall below zero\n\nFixes #41."
    repository.commit({"src/shop/cart.py": FIXED, "tests/test_cart.py": TESTED}, message)
    return repository


def shown(repository, capsys, *arguments):
    parser = argparse.ArgumentParser()
    plan.register(parser)
    options = parser.parse_args(["-C", str(repository.path), *arguments])
    assert options.function(options) == 0
    return capsys.readouterr().out


def test_the_plan_of_a_change(shop, capsys):
    assert shown(shop, capsys, "--base", "main") == example("change")


def test_the_matrix(shop, capsys):
    line = shown(shop, capsys, "--base", "main", "--format", "github-matrix")
    first = json.loads(line)["include"][0]
    assert json.loads(example("matrix")) == {"include": [first]}


def test_the_task_file():
    task, problems = read_task_file(example("task-file").encode(), "plan.yml")
    assert not problems
    assert [goal.id for goal in task.goals] == ["api", "web", "guide"]


def test_the_mistakes_of_a_task_file():
    _, problems = read_task_file(example("mistaken-task-file").encode(), "plan.yml")
    assert "".join(f"{problem}\n" for problem in problems) == example("mistakes")


def test_the_workflow_takes_nothing_foreign_into_a_script():
    workflow = yaml.safe_load(example("workflow"))
    scripts = [step.get("run", "") for job in workflow["jobs"].values() for step in job["steps"]]
    assert any("--format github-matrix" in script for script in scripts)
    assert not any("${{" in script for script in scripts)


def test_every_field_of_the_document_is_named():
    text = PAGE.read_text(encoding="utf-8")
    for key in read_schema("plan")["properties"]:
        assert f"`{key}`" in text, key
