"""What kind of change it is: each signal, and the order in which they are trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.model.change import FileChange, Hunk
from gatekeeper.model.errors import UsageError
from gatekeeper.model.plan import Kind
from gatekeeper.planning.classify import classify, issue_references
from tests.planning.sample import change, changed, deleted, moved

SOURCE = changed("src/app/a.py", "def f():\n    return 1\n", "def f():\n    return 2\n")
FEATURE = changed("src/app/a.py", "def f(): ...\ndef g(): ...\n", "def f(): ...\n")
TEST = changed("tests/test_a.py", "x = 1\n", "x = 2\n")
DOCS = changed("docs/a.md", "x\n", "y\n")
TOOL = changed("pyproject.toml", "x\n", "y\n")
DOCSTRING = replace(
    changed("src/app/a.py", 'def f():\n    """New."""\n    return 1\n', 'def f():\n    """Old."""\n    return 1\n'),
    hunks=(Hunk(2, 1, 2, 1),),
)
LOG = changed("CHANGELOG.md", "- Fix the parser, {issue}`12`\n", "x\n")


@pytest.mark.parametrize(
    ("given", "signals", "kind", "signal"),
    [
        (change(FEATURE, message="fix: x"), {"declared": "perf"}, Kind.PERFORMANCE, "declared type"),
        (change(FEATURE, message="fix: x"), {"labels": ("type: docs", "ready")}, Kind.DOCS, "label"),
        (change(FEATURE), {"labels": ("bug",), "branch": "feat/x"}, Kind.BUGFIX, "label"),
        (change(FEATURE, message="feat: x"), {"branch": "hotfix/x"}, Kind.BUGFIX, "branch prefix"),
        (change(FEATURE), {"branch": "me/refactor/x"}, Kind.REFACTOR, "branch prefix"),
        (change(FEATURE, message="fix(api)!: x"), {"branch": "fix"}, Kind.BUGFIX, "Conventional Commit"),
        (change(SOURCE, message="build: x\n\ntest: y\n\nperf: z"), {}, Kind.PERFORMANCE, "Conventional Commit"),
        (change(DOCS), {}, Kind.DOCS, "files"),
        (change(DOCSTRING, DOCS), {}, Kind.DOCS, "files"),
        (change(TEST), {}, Kind.TESTS, "files"),
        (change(TEST, TOOL, DOCS), {}, Kind.TESTS, "files"),
        (change(TOOL), {}, Kind.CHORE, "files"),
        (change(TOOL, DOCS), {}, Kind.CHORE, "files"),
        (change(changed("requirements.txt", "x", "y")), {}, Kind.CHORE, "files"),
        (change(FEATURE, TEST), {}, Kind.FEATURE, "new public symbol"),
        (change(moved("src/app/b.py", "src/app/c.py", "def f(): ...\n")), {}, Kind.REFACTOR, "moved code, equal API"),
        (change(SOURCE, TEST, message="Handle x, fixes #12"), {}, Kind.BUGFIX, "small diff with a test and an issue reference"),
        (change(SOURCE, TEST, LOG), {}, Kind.BUGFIX, "small diff with a test and an issue reference"),
        (change(SOURCE, TEST, message="Support x (#12)"), {}, Kind.FEATURE, "words of the subject"),
        (change(SOURCE, TEST, message="Add x\n\nFixes #12"), {}, Kind.FEATURE, "words of the subject"),
        (change(SOURCE, message="fix pyright type errors"), {}, Kind.CHORE, "words of the subject"),
        (change(SOURCE, message="Fix the wrong type of f"), {}, Kind.BUGFIX, "words of the subject"),
        (change(SOURCE, message="Prevent a crash in f"), {}, Kind.BUGFIX, "words of the subject"),
        (change(SOURCE, message="Fix docs of f"), {}, Kind.DOCS, "words of the subject"),
        (change(SOURCE, message="Make f faster"), {}, Kind.PERFORMANCE, "words of the subject"),
        (change(SOURCE, LOG), {}, Kind.BUGFIX, "words of the changelog"),
        (change(SOURCE), {}, Kind.FEATURE, "no signal"),
        (change(), {}, Kind.FEATURE, "no signal"),
    ],
)  # fmt: skip
def test_each_signal(given: object, signals: dict[str, object], kind: Kind, signal: str) -> None:
    found = classify(given, **signals)  # type: ignore[arg-type]
    assert found.kind is kind
    assert signal in {e.signal for e in found.evidence if e.for_kind is kind}


def test_mixed_means_a_feature_and_says_so() -> None:
    found = classify(change(SOURCE, message="fix: a\n\nrefactor: b"))
    assert found.kind is Kind.FEATURE
    assert found.evidence[0].shows == "mixed: bugfix, refactor"


def test_what_was_outranked_stays_in_the_evidence() -> None:
    found = classify(change(FEATURE, message="Fix crash"), branch="chore/x")
    assert [(e.signal, e.for_kind) for e in found.evidence] == [
        ("branch prefix", Kind.CHORE),
        ("new public symbol", Kind.FEATURE),
        ("words of the subject", Kind.BUGFIX),
    ]


def test_a_definition_that_moves_to_another_file_is_no_new_one() -> None:
    body = "def helper():\n    return 1\n"
    found = classify(
        change(
            changed("src/app/a.py", "x = 1\n", f"x = 1\n{body}"), changed("src/app/b.py", f"{body}y = 2\n", "y = 2\n")
        )
    )
    assert found.kind is Kind.REFACTOR
    assert found.evidence[0].shows == "helper stands unaltered in src/app/b.py:1"


@pytest.mark.parametrize("path", ["src/app/_private.py", "typing-examples/a.py", "tests/test_b.py", "tools/x.py"])
def test_names_that_nobody_imports_are_no_public_symbols(path: str) -> None:
    found = classify(change(changed(path, "def new(): ...\n", "x = 1\n"), SOURCE))
    assert "new public symbol" not in {e.signal for e in found.evidence}


def test_a_deleted_or_broken_file_brings_nothing() -> None:
    broken = changed("src/app/b.py", "def broken(:\n", "def f(): ...\n")
    assert classify(change(deleted("src/app/a.py", "def f(): ...\n"), broken)).kind is Kind.FEATURE


def test_issue_references() -> None:
    text = "Squashed (#7)\n\nFixes #12, closes owner/repo#3, see GH-4 and :issue:`9`, not {pr}`8`"
    assert issue_references(text) == ("Fixes #12", "closes owner/repo#3", "GH-4", ":issue:`9`")


def test_a_type_that_is_none() -> None:
    with pytest.raises(UsageError, match="'fxi' is no type") as caught:
        classify(change(SOURCE), declared="fxi")
    assert "bugfix" in caught.value.hint


def test_hostile_text_is_borne() -> None:
    odd = FileChange("a\nb.py", SOURCE.kind, text="\ud800", base_text="\0")
    assert classify(change(odd, message="\ud800: x")).kind in Kind
