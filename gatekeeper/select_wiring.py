"""Finds which tests need not be run; only where the setting `select` is on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gatekeeper.edges.changes import differing, read_change
from gatekeeper.edges.git import Repository
from gatekeeper.edges.test_map import kept_map, known_trees
from gatekeeper.engine.run import Assignment
from gatekeeper.formats.pytest_request import PYTEST, changed_paths, may_select
from gatekeeper.formats.test_map_text import read_test_map
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.candidate import EMPTY_TREES, Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange, Role
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.policy import GatePolicy
from gatekeeper.model.selection import Selection, TestMap, TestOrder
from gatekeeper.planning.selection import select
from gatekeeper.planning.selection_order import order_of
from gatekeeper.planning.selection_settled import is_settled, may_bring_tests
from gatekeeper.ports import Request
from gatekeeper.recall_wiring import Readings, Recalling


@dataclass(frozen=True)
class Selecting:
    """What is needed to select: the repository, its change, the folder of what is kept, and older answers."""

    repository: Repository
    change: Change
    folder: Path
    recalling: Recalling

    def select(self, assignments: tuple[Assignment, ...], full: bool) -> tuple[Assignment, ...]:
        """The assignments, those of tests and coverage with the tests that may be left out: none with `full`."""
        selecting = (each for each in assignments if may_select(each.request))
        found = {each.project: self._selection(each.request, assignments, full) for each in selecting}
        return tuple(
            replace(each, request=replace(each.request, selection=found[each.project]))
            if each.project in found and each.name in ("tests", "coverage")
            else each
            for each in assignments
        )

    @staticmethod
    def apart(assignments: tuple[Assignment, ...]) -> dict[str, str]:
        """The jobs that leave tests out, each with a name for its times: they say nothing of a run of all tests."""
        found = {}
        for each in assignments:
            if may_select(each.request) and each.request.selection and each.request.selection.reuse:
                job = f"{each.project}:{PYTEST}" if each.project else PYTEST
                found[job] = f"{job} of some"
        return found

    def _selection(self, request: Request, assignments: tuple[Assignment, ...], full: bool) -> Selection:
        reason = "all were asked for" if full else _needs_all(request)
        nearest = None if reason else self._nearest(request)
        if nearest is None:
            order = self._order(request, None, Selection()) if request.fail_fast else None
            return Selection(all_because=reason or "nothing is known of them yet", order=order)
        known, files = nearest
        is_moved = any(file.kind is not ChangeKind.MODIFIED for file in files)
        names = self.repository.names(request.target.head_tree) if is_moved else ()
        plain = None if may_bring_tests(files, known) else select(known, files, names=names)
        answered = self._answered(request, known, plain, assignments) if plain else None
        if answered is not None:
            return answered
        covered = [
            file
            for each in assignments
            if each.name == "coverage" and each.judged and each.project == request.project.root
            for file in each.request.change.files
            if file.is_python and file.role is Role.SOURCE  # the gate looks at no others
        ]
        total = _wants_total([each.request.policy for each in assignments if each.project == request.project.root])
        found = plain if plain and not (covered or total) else select(known, files, covered, total, names)
        return replace(found, order=self._order(request, known, found)) if request.fail_fast else found

    def _answered(
        self, request: Request, known: TestMap, selection: Selection, assignments: tuple[Assignment, ...]
    ) -> Selection | None:
        """The selection with all answers, where no known test has to run; else None."""
        if not is_settled(selection) or not self.recalling.holds(request, known):
            return None
        return self.recalling.answered(selection, readings_of(request, assignments))

    def _order(self, request: Request, known: TestMap | None, selection: Selection) -> TestOrder:
        """The order of the files by what is known of them, where the run ends at the first failure."""
        failed = self.recalling.failed(request).values()
        return order_of(known.tests if known else {}, selection.reuse, failed, changed_paths(request))

    def _nearest(self, request: Request) -> tuple[TestMap, tuple[FileChange, ...]] | None:
        """The map of the tree that differs least from the head, with what differs."""
        for tree in self._by_nearness(request):
            read = map_of(self.folder, request, tree)
            if read is not None:
                return read, self._since(tree, request.target.head_tree)
        return None

    def _since(self, tree: str, head: str) -> tuple[FileChange, ...]:
        """What differs between a tree and the head; where the change begins at this tree, that is known."""
        if (tree, head) == (self.change.base_tree, self.change.head_tree):
            return self.change.files
        return read_change(self.repository, Target(TargetKind.RANGE, tree, head, "")).files

    def _by_nearness(self, request: Request) -> Iterator[str]:
        """The trees that have a map, the nearest first; Git is asked only for more than that of the head itself."""
        trees, head = known_trees(self.folder, owner_of(request)), request.target.head_tree
        if head in trees:
            yield head
        found = differing(self.repository, (tree for tree in trees if tree != head), head)
        yield from sorted(found, key=found.__getitem__)


def map_of(folder: Path, request: Request, tree: str) -> TestMap | None:
    """What is known of the tests of a project in a tree; None where nothing is, or where it cannot be read."""
    text = kept_map(folder, owner_of(request), tree)
    try:
        known = read_test_map(text) if text is not None else None
    except UnreadableReport:
        return None
    return known if known and known.tree == tree else None


def readings_of(request: Request, assignments: tuple[Assignment, ...]) -> Readings:
    """The jobs that read what the tests of a project measure, each with the request that they are planned by."""
    return [
        (each.request, each.gate.plan(each.request, {}))
        for each in assignments
        if each.name == "coverage" and each.project == request.project.root
    ]


def _wants_total(policies: list[GatePolicy]) -> bool:
    """Whether the coverage of the whole project is asked for."""
    return any(p.name == "coverage" and (p.value("total") is not None or p.value("drop") == "forbid") for p in policies)


def _needs_all(request: Request) -> str:
    """Why a run must be of all tests whatever they touch; empty where nothing asks for that."""
    if request.target.whole:
        return "every file is judged"
    if request.target.head_tree in EMPTY_TREES:
        return "the tree is empty"
    if request.candidate.outdated:
        return "built files are older than their sources"
    return ""


def owner_of(request: Request) -> str:
    """Under what the maps of a project are kept: where it lies, and which interpreter runs its tests."""
    return f"{request.project.root}\n{request.environment.python}"
