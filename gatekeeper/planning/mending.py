"""Makes work of what the gates found: who mends what, in lanes that no two agents share."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from gatekeeper.formats.changelog import is_changelog
from gatekeeper.formats.lane_paths import in_lane
from gatekeeper.model.change import Role, role_of
from gatekeeper.model.finding import Finding
from gatekeeper.model.orchestration import Work
from gatekeeper.model.plan import PILLAR_OF, ChangePlan, Phase, Pillar
from gatekeeper.model.report import Report
from gatekeeper.planning.grievances import POLICY, grievances, mentioned

Choose = Callable[[Pillar, Collection[str]], tuple[str, str]]
"""The agent of a pillar for some paths, and why that one; `agents.Selector.choose` is one."""

_ORDER = (Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS)
_TOLD_IN_CHANGELOG = "D3"
_LONGEST_TITLE = 3


@dataclass(frozen=True, slots=True)
class Mending:
    """Findings that one agent mends: nobody else may change the paths of `lane` meanwhile.

    `workstreams` are those of the plan in whose lanes the findings lie.
    """

    agent: str
    agent_reason: str
    pillars: tuple[Pillar, ...]
    lane: tuple[str, ...]
    findings: tuple[Finding, ...]
    criteria: tuple[str, ...]
    workstreams: tuple[str, ...] = ()

    def work(self, number: int, start: str, iteration: int) -> Work:
        """The work to hand out, as the `number`th of its iteration, on top of the commit `start`."""
        named = ", ".join(self.lane[:_LONGEST_TITLE]) + (" …" if len(self.lane) > _LONGEST_TITLE else "")
        return Work(
            f"mend-{iteration}-{number}", f"Mend {named}", self.pillars[0], self.agent, self.lane, start,
            findings=self.findings, criteria=self.criteria, iteration=iteration,
        )  # fmt: skip


def mend(report: Report, plan: ChangePlan, choose: Choose, known_files: Collection[str]) -> tuple[Mending, ...]:
    """The work that the findings of a report make, in the order of their lanes; none where nothing can be mended.

    `known_files` are the paths of the commit that was judged. A file has one owner: findings that need the same file
    are mended together, by the agent of the pillar that most of them are of. Lines without a test go to an agent with
    the tests as its lane; a test that fails goes with the code that it tests, so that nobody has to bend the test.
    """
    ground = _Ground(report, plan, tuple(sorted(known_files)))
    together = _Together()
    for finding in grievances(report):
        together.add(finding, ground.lane_of(finding))
    pieces = [_piece(lane, findings, ground, choose) for lane, findings in together.groups()]
    return tuple(sorted(_merged(pieces, ground, choose), key=lambda one: one.lane))


@dataclass(frozen=True)
class _Ground:
    report: Report
    plan: ChangePlan
    known: Sequence[str]
    changed: Sequence[str] = field(init=False)
    sources: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        changed = [file.path for file in self.report.change.files if file.exists]
        object.__setattr__(self, "changed", changed)
        object.__setattr__(self, "sources", [path for path in changed if role_of(path) is Role.SOURCE])

    def lane_of(self, finding: Finding) -> tuple[str, ...]:
        """The files that whoever mends a finding has to be able to change."""
        path = finding.path
        if finding.gate == "coverage" or finding.rule == "uncovered":
            covered = [path] if path else self.sources
            return tuple(test for source in covered for test in self.tests_of(source)) or self._all()
        if finding.gate == "tests":
            return tuple(dict.fromkeys((*([path] if path else ()), *self.behind(finding)))) or self._all()
        if finding.gate == "docs" and finding.rule == _TOLD_IN_CHANGELOG:
            return self._changelogs()
        return (path,) if path else self._all()

    def tests_of(self, source: str) -> tuple[str, ...]:
        """The files of tests that are named after a source, the nearest first; a new one where there is none."""
        stem = _stem(source)
        tests = [path for path in (*self.changed, *self.known) if role_of(path) is Role.TEST]
        named = sorted({path for path in tests if named_after(path) == stem}, key=lambda path: _distance(path, source))
        if named:
            return (named[0],)
        usual = [path for path in tests if named_after(path)]
        nearest = min(usual, key=lambda path: (_distance(path, source), path), default="tests/x")
        folder = str(PurePosixPath(nearest).parent)
        return (f"{folder}/test_{stem}.py" if folder != "." else f"test_{stem}.py",)

    def behind(self, finding: Finding) -> tuple[str, ...]:
        """The changed sources that may have made a test fail: named in what it said, or like it; else its lane's."""
        told = mentioned(f"{finding.message}\n{finding.detail}", self.sources)
        named = [path for path in self.sources if _stem(path) == named_after(finding.path)]
        if told or named:
            return tuple(dict.fromkeys((*told, *named)))
        owner = self.owner(finding.path)
        mine = tuple(path for path in self.sources if owner and self.owner(path) == owner)
        return mine or tuple(self.sources)

    def owner(self, path: str) -> str:
        """The workstream of the plan in whose lane a path lies; empty for none."""
        work = (w for w in self.plan.workstreams if w.phase is Phase.WORK)
        return next((w.id for w in work if path and in_lane(path, w.scope)), "")

    def criteria(self, pillars: Collection[Pillar], owners: Collection[str]) -> tuple[str, ...]:
        """What has to hold in the end, of these pillars, where possible of the lanes concerned alone."""
        judging = [w for w in self.plan.workstreams if w.phase is Phase.JUDGE and w.pillar in pillars]
        mine = [w for w in judging if {need.on for need in w.needs} & set(owners)]
        return tuple(dict.fromkeys(c.text for w in mine or judging for c in w.criteria))

    def _changelogs(self) -> tuple[str, ...]:
        """The changelog that is written in: one of the change, else the topmost that there is."""
        found = [path for path in (*self.changed, *self.known) if is_changelog(path)]
        return (min(found, key=lambda p: (p not in self.changed, p.count("/"), p), default="CHANGELOG.md"),)

    def _all(self) -> tuple[str, ...]:
        return tuple(self.changed) or ("**",)


class _Together:
    """Joins findings that need the same file."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._findings: list[tuple[str, Finding]] = []

    def add(self, finding: Finding, lane: Sequence[str]) -> None:
        for path in lane:
            self._parent[self._root(path)] = self._root(lane[0])
        self._findings.append((lane[0], finding))

    def groups(self) -> list[tuple[tuple[str, ...], list[Finding]]]:
        """Lanes without a path in common, with their findings."""
        lanes: dict[str, list[str]] = defaultdict(list)
        for path in list(self._parent):
            lanes[self._root(path)].append(path)
        return [
            (tuple(sorted(paths)), [finding for path, finding in self._findings if self._root(path) == root])
            for root, paths in lanes.items()
        ]

    def _root(self, path: str) -> str:
        self._parent.setdefault(path, path)
        while self._parent[path] != path:
            path = self._parent[path]
        return path


def _piece(lane: Sequence[str], findings: Iterable[Finding], ground: _Ground, choose: Choose) -> Mending:
    findings = tuple(findings)
    count = Counter(map(_pillar, findings))
    pillars = tuple(sorted(count, key=lambda pillar: (-count[pillar], _ORDER.index(pillar))))
    agent, reason = choose(pillars[0], lane)
    concerned = sorted({ground.owner(path) for f in findings for path in (f.path, *lane) if path} - {""})
    criteria = ground.criteria(pillars, concerned)
    return Mending(agent, reason, pillars, tuple(sorted(lane)), findings, criteria, tuple(concerned))


def _merged(pieces: Sequence[Mending], ground: _Ground, choose: Choose) -> list[Mending]:
    """Pieces of one lane of the plan that go to the same agent are one piece of work, so that it starts only once."""
    groups: dict[tuple[str, tuple[str, ...]], list[Mending]] = defaultdict(list)
    for piece in pieces:
        groups[piece.agent, piece.workstreams].append(piece)
    return [
        group[0]
        if len(group) == 1
        else _piece([p for one in group for p in one.lane], [f for one in group for f in one.findings], ground, choose)
        for group in groups.values()
    ]


def _pillar(finding: Finding) -> Pillar:
    if finding.gate == POLICY:
        role = role_of(finding.path)
        return Pillar.TESTS if role is Role.TEST else Pillar.DOCS if role is Role.DOCS else Pillar.REVIEW
    return PILLAR_OF.get(finding.gate, Pillar.REVIEW)


def named_after(path: str) -> str:
    """What a file of tests is named after: `users` for `tests/test_users.py`; empty where it is named otherwise."""
    if role_of(path) is not Role.TEST:
        return ""
    name = PurePosixPath(path).stem
    stem = re.sub(r"^tests?_|_tests?$|\.(test|spec)$", "", name)
    return _plain(stem) if stem != name else ""


def _stem(source: str) -> str:
    pure = PurePosixPath(source)
    return _plain(pure.parent.name if pure.stem in ("__init__", "__main__") and pure.parent.name else pure.stem)


def _plain(stem: str) -> str:
    return stem.strip("_").lower().replace("-", "_")


def _distance(test: str, source: str) -> tuple[int, int, str]:
    """How far apart two files are: fewer folders in common are farther."""
    common = set(PurePosixPath(test).parts[:-1]) & set(PurePosixPath(source).parts[:-1])
    return -len(common), test.count("/"), test
