"""The setting `fix`: what is accepted, what is complained of, and the example in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gatekeeper.edges.config import read_policy
from gatekeeper.model.errors import UsageError

DOCUMENT = Path(__file__).parents[2] / "docs" / "fix.md"


def policy(text, name=".gatekeeper.yml"):
    return read_policy({name: text.encode()}.get, [name], source="a test", flags={}, environment={})


def test_the_example_in_the_docs_is_valid():
    (block,) = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    found = policy(block).projects[0].value("fix")
    assert list(found) == ["ruff-format", "isort", "end-of-file", "prettier"]


def test_toml_works_too():
    found = policy("[tool.gatekeeper.fix]\nend-of-file = true\n", "pyproject.toml").projects[0].value("fix")
    assert found == {"end-of-file": True}


@pytest.mark.parametrize("text", ["fix:\n", "fix: {}\n", "fix: {mine: off}\n", "fix: {black: {timeout: 5}}\n"])
def test_what_is_accepted(text):
    assert policy(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("fix: {mine: on}", "1: `fix.mine` needs `run`; fixers that need none are `ruff-check`, "),
        ("fix: {mine: {paths: ['*.ts']}}", "1: `fix.mine` needs `run`"),
        ("fix: {mine: {run: tool}}", "1: `fix.mine.run` must hold `{files}`"),
        ("fix: {mine: {run: 'tool {files} | x'}}", "1: `fix.mine.run`: the command is started without a shell"),
        ("fix: {mine: {run: 'x {files}', paths: [../a]}}", "`fix.mine.paths[0]` must not hold `..`"),
        ("fix: {Mine: on}", "`fix.Mine` is no name for a fixer"),
        ("fix: {mine: {rum: 'x {files}'}}", "did you mean `run`?"),
        ("fix: {mine: 3}", "`fix.mine` must be"),
        ("fix: [black]", "`fix` must be"),
    ],
)
def test_what_is_complained_of(text, complaint):
    with pytest.raises(UsageError) as error:
        policy(text)
    assert complaint in error.value.message
