"""How commits stand to the gates: what counts as judged, and that nothing else does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.engine.audit import audit
from gatekeeper.model.audit import AuditedCommit, Lineage, Standing
from gatekeeper.model.record import GateRecord, RunRecord
from gatekeeper.model.verdict import Status

PASSED = (GateRecord("tests", Status.PASSED),)
FAILED = (GateRecord("tests", Status.FAILED),)
SKIPPED = (GateRecord("docs", Status.SKIPPED, reason="in a hurry"), *PASSED)


def passed(head: str, base: str, when: int = 5) -> RunRecord:
    return RunRecord(when, base, head, 0, PASSED, "staged")


def failed(head: str, base: str, when: int = 5) -> RunRecord:
    return RunRecord(when, base, head, 1, FAILED, "staged")


def skipped(head: str, base: str, when: int = 5) -> RunRecord:
    return RunRecord(when, base, head, 0, SKIPPED, "staged")


def ranged(head: str, base: str, end: str) -> RunRecord:
    return RunRecord(5, base, head, 0, PASSED, "range", head=end)


def lineage(*commits: AuditedCommit, known: frozenset[str] = frozenset()) -> Lineage:
    """Commits upon one commit `base` with the tree `B`, whose own parents had the trees `older`."""
    trees = {"base": "B", **{commit.id: commit.tree for commit in commits}}
    return Lineage(commits, trees, frozenset({"B", "older"}), frozenset(trees.values()) | known, "nothing")


def line(*trees: str) -> Lineage:
    """A line of commits c1, c2 ... with these trees."""
    parents = ("base", *(f"c{number}" for number in range(1, len(trees))))
    return lineage(
        *(
            AuditedCommit(f"c{n}", tree, (parent,), 10)
            for n, (tree, parent) in enumerate(zip(trees, parents, strict=True), 1)
        )
    )


def standings(given: Lineage, *runs: RunRecord) -> str:
    """The first letters of the standings of all commits."""
    verdicts: dict[str, tuple[RunRecord, ...]] = {}
    for run in runs:
        verdicts[run.head_tree] = (*verdicts.get(run.head_tree, ()), run)
    return "".join({"covered": "C"}.get(f.standing, f.standing[0]) for f in audit(given, verdicts))


CASES = [
    ("each against its parent", line("X", "Y"), [passed("X", "B"), passed("Y", "X")], "gg"),
    ("no run", line("X"), [], "n"),
    ("only the first", line("X", "Y"), [passed("X", "B")], "gn"),
    ("a range over both", line("X", "Y"), [passed("Y", "B")], "CC"),
    ("a range from before the base", line("X", "Y"), [passed("Y", "older")], "CC"),
    ("a range over the middle", line("X", "Y", "Z"), [passed("Y", "B")], "CCn"),
    ("a range that starts in the middle", line("X", "Y", "Z", "W"), [passed("W", "X")], "nCCC"),
    ("against a tree of nobody", line("X"), [passed("X", "?")], "c"),
    ("backwards", line("X", "Y"), [passed("X", "Y")], "cn"),
    ("taken back to a tree that passed before", line("X", "Y", "X"), [passed("X", "B")], "gnc"),
    ("taken back to the tree of the base", line("Y", "B"), [passed("B", "older")], "nc"),
    ("taken back, and the range judged after", line("X", "Y", "X"), [passed("X", "B"), ranged("X", "B", "c3")], "gCC"),
    ("blocked", line("X"), [failed("X", "B")], "f"),
    ("blocked, then passed", line("X"), [failed("X", "B", 1), passed("X", "B", 2)], "g"),
    ("passed, then blocked against a later policy", line("X"), [passed("X", "B", 1), failed("X", "B", 2)], "g"),
    ("blocked, and passed in a range", line("X", "Y"), [failed("X", "B"), passed("Y", "B")], "CC"),
    ("blocked, and another tree committed", line("X"), [failed("W", "B")], "c"),
    ("passed, and another tree committed", line("X"), [passed("W", "B")], "c"),
    ("another tree, after the commit", line("X"), [failed("W", "B", 11)], "n"),
    ("amended in a second step", line("X"), [passed("W", "B"), passed("X", "W")], "g"),
    ("amended, and the first step was blocked", line("X"), [failed("W", "B"), passed("X", "W")], "c"),
    ("only the message amended", line("X"), [passed("X", "B"), passed("X", "X")], "g"),
    ("skipped", line("X"), [skipped("X", "B")], "s"),
    ("skipped, then not", line("X"), [skipped("X", "B"), passed("X", "B")], "g"),
    ("skipped in one of two steps", line("X"), [skipped("W", "B"), passed("X", "W")], "s"),
    ("a range with a skipped gate", line("X", "Y"), [skipped("Y", "B")], "ss"),
    ("no gate was on", line("X"), [replace(passed("X", "B"), gates=())], "c"),
    ("nothing was changed", line("B"), [], "g"),
    ("a first commit", lineage(AuditedCommit("c1", "X", (), 10)), [passed("X", "nothing")], "g"),
]


@pytest.mark.parametrize(("given", "runs", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_how_a_line_of_commits_stands(given: Lineage, runs: list[RunRecord], expected: str) -> None:
    assert standings(given, *runs) == expected


def test_what_another_branch_tried_is_no_change_of_this_one() -> None:
    commit = AuditedCommit("c1", "X", ("base",), 10)
    assert standings(lineage(commit, known=frozenset({"W"})), passed("W", "B")) == "n"


MERGE = (
    AuditedCommit("a", "A", ("base",), 10),
    AuditedCommit("b", "S", ("base",), 10),
    AuditedCommit("m", "M", ("a", "b"), 10),
)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([passed("A", "B"), passed("S", "B")], "ggn"),  # a merge is a change of its own
        ([passed("M", "A")], "nng"),  # as at pre-merge-commit: it says nothing of the branch by itself
        ([passed("M", "B")], "CCC"),
        ([passed("M", "S")], "CnC"),
    ],
)
def test_merges(runs: list[RunRecord], expected: str) -> None:
    assert standings(lineage(*MERGE), *runs) == expected


RUNS = st.lists(
    st.builds(
        lambda make, head, base, when: make(head, base, when),
        st.sampled_from((passed, failed, skipped)), st.sampled_from("WXYZ"), st.sampled_from("BWXYZ?"),
        st.integers(0, 12),
    ),
    max_size=8,
)  # fmt: skip


@given(RUNS, RUNS)
def test_more_passing_runs_never_make_a_commit_worse_and_failing_ones_never_better(
    some: list[RunRecord], more: list[RunRecord]
) -> None:
    given = line("X", "Y", "Z")
    before = [letter in "gC" for letter in standings(given, *some)]
    with_more = [letter in "gC" for letter in standings(given, *some, *more)]
    with_bad = [letter in "gC" for letter in standings(given, *some, *(run for run in more if run.exit))]
    assert all(after or not earlier for earlier, after in zip(before, with_more, strict=True))
    assert with_bad == before


def test_no_commit_counts_without_a_run_that_passed_in_full() -> None:
    runs = [failed("X", "B"), skipped("Y", "X"), failed("Y", "B")]
    findings = audit(line("X", "Y"), {"X": (runs[0],), "Y": (runs[1], runs[2])})
    assert [finding.standing for finding in findings] == [Standing.FAILED, Standing.SKIPPED]
    assert not any(finding.standing.counts for finding in findings)


def test_a_long_line_is_judged_in_a_moment() -> None:
    trees = [f"t{number}" for number in range(3000)]
    findings = audit(
        line(*trees), {tree: (passed(tree, before),) for before, tree in zip(["B", *trees[:-1]], trees, strict=True)}
    )  # fmt: skip
    assert all(finding.standing is Standing.GATED for finding in findings)
