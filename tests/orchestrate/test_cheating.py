"""Agents that bend the rules instead of doing the work: each bend is named, and nothing is approved with one in it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.orchestrate.shop import AGENT, CART, DISCOUNTED, FILES, QUICK, TESTED, Shop
from tests.repository import GitRepository

MENDING = ["Mend what quality gates found"]
WORK = {"src/shop/cart.py": CART + DISCOUNTED, "tests/test_discounts.py": TESTED}
OWNED = {".github/workflows/ci.yml": "on: push\njobs: {}\n", ".github/CODEOWNERS": "* @owner\n"}


@pytest.fixture
def shop(repository: GitRepository, tmp_path: Path) -> Shop:
    """The project with one gate, a workflow and owners."""
    opened = Shop.open(repository, tmp_path / "script.json", files=OWNED)
    roster = (repository.path / ".gatekeeper.yml").read_text("utf-8")
    assert str(AGENT) in roster
    repository.commit({".gatekeeper.yml": roster + QUICK})
    return opened


def _everything(shop: Shop, *arguments: str) -> str:
    """What is said of work on all files that is not approved."""
    before = shop.repository.state()
    ran = shop.task("--files", "**", *arguments)
    assert ran.exit == 1, ran.said
    assert "Needs you" in ran.said
    after = shop.repository.state()
    assert {**after, "references": []} == {**before, "references": []}
    assert shop.repository.git("for-each-ref", "refs/heads/gatekeeper") == ""
    assert len(shop.worktrees) == 1
    return ran.said


def test_edits_of_the_policy_are_named_and_do_not_count(shop: Shop) -> None:
    settings = FILES["pyproject.toml"]
    shop.follows(
        {"when": MENDING},
        {"write": {
            **WORK,
            ".gatekeeper.yml": "gates: {tests: off, review: off, coverage: off, docs: off}\n",
            "pyproject.toml": f'{settings}addopts = "-k total"\n[tool.coverage.report]\nfail_under = 1\n',
            ".github/workflows/ci.yml": "on: push\njobs: {x: {}}\n",
            ".github/CODEOWNERS": "* @agent\n",
            "conftest.py": "collect_ignore_glob = ['tests/test_c*']\n",
        }},
    )  # fmt: skip
    said = _everything(shop)
    for name in (".gatekeeper.yml", "pyproject.toml", ".github/workflows/ci.yml", ".github/CODEOWNERS"):
        assert f"{name}" in said.partition("What remains")[2], said


def test_tests_that_are_deleted_or_skipped_are_named(shop: Shop) -> None:
    skipped = TESTED.replace("def test", '@pytest.mark.skip(reason="slow")\ndef test').replace(
        "from", "import pytest\nfrom", 1
    )
    shop.follows(
        {"when": MENDING},
        {"write": {**WORK, "tests/test_discounts.py": skipped}, "delete": ["tests/test_cart.py"]},
    )
    remaining = _everything(shop).partition("What remains")[2]
    assert "tests/test_cart.py" in remaining
    assert "tests/test_discounts.py" in remaining


def test_suppressions_are_named(shop: Shop) -> None:
    cart = (CART + DISCOUNTED).replace("(1 - share)\n", "(1 - share)  # noqa\n")
    cart = cart.replace("float) -> float:\n", "float) -> float:  # pragma: no cover\n")
    shop.follows({"when": MENDING}, {"write": {**WORK, "src/shop/cart.py": cart}})
    remaining = _everything(shop).partition("What remains")[2]
    assert "noqa" in remaining
    assert "pragma: no cover" in remaining


def test_what_is_taken_back_is_approved(shop: Shop) -> None:
    cart = (CART + DISCOUNTED).replace("(1 - share)\n", "(1 - share)  # noqa\n")
    shop.follows({"when": MENDING, "write": WORK}, {"write": {**WORK, "src/shop/cart.py": cart}})
    ran = shop.task("--files", "**")
    assert ran.exit == 0, ran.said
    assert "iteration 1 of 3" in ran.said


def test_what_fails_each_time_in_another_way_stops_after_three(shop: Shop) -> None:
    """Numbers do not tell one finding from another, so the tests have letters."""
    wrong = "from shop.cart import discounted\n\n\ndef test_{0}() -> None:\n    assert discounted([10], 0.5) == '{0}'\n"
    names = ("first", "second", "third", "fourth")
    mended = [
        {"when": [*MENDING, f"test_{before}"], "write": {"tests/test_discounts.py": wrong.format(after)}}
        for before, after in pairwise(names)
    ]
    # what was tried before is told as well: the last of these names that a prompt holds is the one that failed
    shop.follows(*reversed(mended), {"write": {**WORK, "tests/test_discounts.py": wrong.format("first")}})
    said = _everything(shop)
    assert "iteration 3 of 3" in said
    assert "it was mended 3 times, and may be at most 3" in said
    assert "test_fourth" in said
    assert "gatekeeper orchestrate --resume" in said


def test_the_same_findings_stop_it_sooner(shop: Shop) -> None:
    wrong = "from shop.cart import discounted\n\n\ndef test_it() -> None:\n    assert discounted([10], 0.5) == 4\n"
    shop.follows(
        {"when": MENDING, "append": {"src/shop/cart.py": "\n# looked at\n"}},
        {"write": {**WORK, "tests/test_discounts.py": wrong}},
    )
    said = _everything(shop)
    assert "the same finding came back" in said
    assert "iteration 2" not in said
