"""Which paths hold code, and which pillars they owe."""

from __future__ import annotations

import pytest

from gatekeeper.model.plan import Kind, Pillar
from gatekeeper.planning.group import Lane
from gatekeeper.planning.workstreams import QUALITY, Brief, has_code, lay_out, owed, pillars_of

BRIEF = Brief(Kind.FEATURE, lambda pillar, scope: ("somebody", "for the test"))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("src/a.py", True), ("tests/test_a.py", True), ("tools/x.py", True), ("src/a.ts", True), ("src/api", True),
        ("src/api/**", True), ("configure", True), ("examples/a.sh", True), ("docs", False), ("docs/guide", False),
        ("docs/**", False), ("**/*.md", False), ("src/api?", True), ("lib/[ab]", True), ("web/*.{ts,tsx}", True), ("!src/**", False),
        ("docs/a[1].md", False), ("img/a[1].png", False),
        ("LICENSE", False), (".gitignore", False), ("README.md", False), ("pyproject.toml", False), ("logo.png", False),
    ],
)  # fmt: skip
def test_what_may_be_code(path: str, code: bool) -> None:
    assert has_code((path,)) is code


def test_what_files_owe() -> None:
    assert owed(("src/a.py", "docs/a.md")) == QUALITY
    assert owed(("tests/test_a.py", "README.md")) == (Pillar.REVIEW, Pillar.TESTS)
    assert owed(("README.md",)) == ()
    assert pillars_of(Lane("x", ("README.md",))) == (Pillar.REVIEW, Pillar.DOCS)
    assert pillars_of(Lane("x", ("logo.png",))) == (Pillar.REVIEW,)


def test_tests_run_once_where_no_lane_has_code() -> None:
    lanes = (Lane("a", ("a.md",)), Lane("b", ("b.png",)))
    found = lay_out(lanes, (), BRIEF)
    assert [w.id for w in found] == ["primary-1", "primary-2", "review-1", "docs-1", "review-2", "tests", "validation"]
    assert [need.on for need in found[-2].needs] == ["primary-1", "primary-2"]


def test_no_lane_is_no_work() -> None:
    assert lay_out((), (), BRIEF) == ()
