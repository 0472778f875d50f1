"""Holds the commits of a range against the verdicts that were recorded on their trees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from gatekeeper.model.audit import AuditedCommit, Finding, Lineage, Standing
from gatekeeper.model.record import RunRecord

Verdicts = Mapping[str, tuple[RunRecord, ...]]
"""The recorded runs by the tree that they judged, the oldest first."""


def audit(lineage: Lineage, verdicts: Verdicts) -> tuple[Finding, ...]:
    """How each commit of the range stands, in its order.

    A commit is gated when runs of all gates lead from its tree to that of its first parent: in one step, or in several
    as by amending. It is covered when such runs lead from the tree of a later commit to that of an earlier one.
    """
    committed = lineage.older | set(lineage.trees.values())
    full = _Passes(verdicts, committed, waived=False)
    waived = _Passes(verdicts, committed, waived=True)
    covered, thinly = _covered(lineage, full), _covered(lineage, waived)
    against = defaultdict(list)
    for runs in verdicts.values():
        for run in runs:
            against[run.base_tree].append(run)
    findings = []
    for commit in lineage.commits:
        before = lineage.before(commit)
        found = (
            _gated(commit, before, full)
            or _within(commit, covered, verdicts, Standing.COVERED)
            or _skipped(commit, before, waived)
            or _within(commit, thinly, verdicts, Standing.SKIPPED)
            or _unsound(commit, before, verdicts)
            or _changed(commit, against[before], lineage)
        )
        findings.append(found or Finding(commit, Standing.NEVER, None, "no run of its tree is recorded"))
    return tuple(findings)


class _Passes:
    """The runs that passed, as steps from the tree that was judged to the one that it was judged against.

    Steps go on through trees that are no longer those of any commit, as those of amended ones, and end at those that
    are: what comes before is told of that commit.
    """

    def __init__(self, verdicts: Verdicts, committed: Collection[str], waived: bool) -> None:
        self._committed = committed
        self._steps = {
            tree: steps
            for tree, runs in verdicts.items()
            if (steps := [r for r in runs if r.is_full_pass or (waived and r.passed and r.waived)])
        }
        self._reached: dict[str, dict[str, RunRecord]] = {}

    def reached(self, tree: str) -> Mapping[str, RunRecord]:
        """Every tree that passing runs lead to from this one, with the run of this one that is the first step."""
        if tree not in self._reached:
            found: dict[str, RunRecord] = {}
            steps = [(run.base_tree, run) for run in self._steps.get(tree, ())]
            for base, first in steps:  # grows while it is walked
                if base not in found:
                    found[base] = first
                    further = () if base in self._committed else self._steps.get(base, ())
                    steps += [(run.base_tree, first) for run in further]
            self._reached[tree] = found
        return self._reached[tree]

    def names(self, end: AuditedCommit, base: str) -> bool:
        """Whether a run of this very commit passed against a tree."""
        return any(run.head == end.id and run.base_tree == base for run in self._steps.get(end.tree, ()))


def _gated(commit: AuditedCommit, before: str, passes: _Passes) -> Finding | None:
    run = passes.reached(commit.tree).get(before)
    if run is not None:
        detail = "" if run.base_tree == before else "judged in steps, as by amending"
        return Finding(commit, Standing.GATED, run, detail)
    if commit.tree == before:
        return Finding(commit, Standing.GATED, None, "it changes no file")
    return None


def _skipped(commit: AuditedCommit, before: str, passes: _Passes) -> Finding | None:
    run = passes.reached(commit.tree).get(before)
    return Finding(commit, Standing.SKIPPED, run) if run else None


_Cover = Mapping[str, tuple[AuditedCommit, RunRecord]]


def _covered(lineage: Lineage, passes: _Passes) -> _Cover:
    """The commits within a range that passed, each with the end of that range and its run; the nearest end wins."""
    commits = {commit.id: commit for commit in lineage.commits}
    by_tree = defaultdict(list)
    for name, tree in lineage.trees.items():
        by_tree[tree].append(name)
    found: dict[str, tuple[AuditedCommit, RunRecord]] = {}
    for end in lineage.commits:
        reached = passes.reached(end.tree)
        for base, run in reached.items():
            starts = by_tree.get(base, [])
            if base == lineage.before(end) or not (starts or base in lineage.older or base == lineage.empty):
                continue
            before = {name for start in starts for name in _ancestors(start, commits, ())}
            if end.id in before:  # the tree of a later commit: this run led backwards
                continue
            within = _ancestors(end.id, commits, before)
            if passes.names(end, base) or not _is_taken_back(end, within, lineage):
                found |= dict.fromkeys(within - found.keys(), (end, run))
    return found


def _is_taken_back(end: AuditedCommit, within: Collection[str], lineage: Lineage) -> bool:
    """Whether an earlier commit had the same tree: a run may have judged that one, and nothing that came between."""
    return end.tree in lineage.older or any(lineage.trees[name] == end.tree for name in within if name != end.id)


def _ancestors(start: str, commits: Mapping[str, AuditedCommit], without: Collection[str]) -> set[str]:
    """A commit and all before it within the range, as far as they are not left out."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in commits and name not in seen and name not in without:
            seen.add(name)
            waiting += commits[name].parents
    return seen


def _within(commit: AuditedCommit, cover: _Cover, verdicts: Verdicts, standing: Standing) -> Finding | None:
    """A commit that passed only as a part of a range."""
    if commit.id not in cover:
        return None
    end, run = cover[commit.id]
    detail = "as the end of a range" if end is commit else f"only within a range that ends at {end.id[:9]}"
    if any(not own.passed for own in verdicts.get(commit.tree, ())):
        detail += "; a run of its own did not pass"
    return Finding(commit, standing, run, detail)


def _unsound(commit: AuditedCommit, before: str, verdicts: Verdicts) -> Finding | None:
    """A commit whose tree was judged, and did not pass against what it was committed on."""
    runs = verdicts.get(commit.tree, ())
    bad = [run for run in runs if not run.passed]
    if bad:
        words = "blocked" if bad[-1].exit == 1 else "could not check"
        return Finding(commit, Standing.FAILED, bad[-1], f"the run {words}, and it was committed all the same")
    if runs:
        text = "its tree passed against another one than that of its parent: it was moved after its gate"
        if any(run.base_tree == before for run in runs):
            text = "its run judged no gate"
        return Finding(commit, Standing.CHANGED, runs[-1], text)
    return None


def _changed(commit: AuditedCommit, runs: list[RunRecord], lineage: Lineage) -> Finding | None:
    """A commit whose tree no run has seen, where one saw another tree on the same parent that was never committed."""
    tried = [run for run in runs if run.head_tree not in lineage.known and run.when <= commit.when]
    if not tried:
        return None
    last = max(tried, key=lambda run: run.when)
    words = "passed" if last.passed else "did not pass"
    return Finding(commit, Standing.CHANGED, last, f"another tree {words} before it; this one was not judged")
