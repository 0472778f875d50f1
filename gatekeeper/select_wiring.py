"""Finds which tests need not be run, and keeps what a run saw of them; only where the setting `select` is on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from gatekeeper.edges.changes import differing, read_change
from gatekeeper.edges.git import Repository
from gatekeeper.edges.test_map import keep_map, kept_map, known_trees
from gatekeeper.engine.run import Assignment
from gatekeeper.formats.pytest_request import PYTEST, changed_paths, may_select, nonce_of, report_path, trace_path
from gatekeeper.formats.test_map_text import map_parts, read_test_map
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.formats.touch_trace import TouchTrace, read_trace
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.inside.record_key import BUILT
from gatekeeper.model.candidate import EMPTY_TREES, Target, TargetKind
from gatekeeper.model.change import ChangeKind, FileChange, Role
from gatekeeper.model.job import Outcome
from gatekeeper.model.policy import GatePolicy
from gatekeeper.model.selection import Loaded, Selection, TestMap, TestOrder
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.selection import select
from gatekeeper.planning.selection_order import order_of
from gatekeeper.planning.selection_settled import is_settled, may_bring_tests
from gatekeeper.planning.selection_update import Sources, unfit, updated, with_earlier_reads
from gatekeeper.ports import Request
from gatekeeper.recall_wiring import Readings, Recalling


@dataclass(frozen=True)
class Selecting:
    """What is needed to select, and to remember: the repository, the folder of what is kept, and older answers."""

    repository: Repository
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

    def remember(
        self, assignments: tuple[Assignment, ...], outcomes: Mapping[str, Outcome], verdicts: tuple[Verdict, ...]
    ) -> tuple[str, ...]:
        """Keep what the run saw of each project, where its verdict can be believed; tells what could not be."""
        unsure = {verdict.project for verdict in verdicts if verdict.gate == "tests" and verdict.status is Status.ERROR}
        said = []
        for each in assignments:
            if may_select(each.request) and each.project not in unsure:
                prefix = f"{each.project}:" if each.project else ""
                own = {name.removeprefix(prefix): outcome for name, outcome in outcomes.items()}
                said.append(self._learn(each.request, own, _readings(each.request, assignments)))
        return tuple(word for word in said if word)

    def _learn(self, request: Request, outcomes: Mapping[str, Outcome], readings: Readings) -> str:
        """Keep what the run of one project saw; of one that ended early only which tests failed."""
        try:
            told = _told(request, outcomes.get(PYTEST))
        except UnreadableReport as error:
            return str(error)
        if told is not None and request.fail_fast:
            self.recalling.keep_failed(request, told)
        if told is not None and told.stopped:
            return ""
        problem = self._remember(request, told) if told is not None else ""
        for reader, jobs in readings:
            self.recalling.keep(reader, jobs, outcomes)
        return problem

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
        return self.recalling.answered(selection, _readings(request, assignments))

    def _order(self, request: Request, known: TestMap | None, selection: Selection) -> TestOrder:
        """The order of the files by what is known of them, where the run ends at the first failure."""
        failed = self.recalling.failed(request).values()
        return order_of(known.tests if known else {}, selection.reuse, failed, changed_paths(request))

    def _remember(self, request: Request, told: TestReport) -> str:
        """Keep what a whole run saw; tells in words why not, where that is worth knowing."""
        try:
            trace = _seen(request)
        except UnreadableReport as error:
            return str(error)
        if trace is None:
            return ""
        before = self._read(request, request.selection.tree) if request.selection and trace.left_out else None
        sources = self._sources(request, trace, before.loaded if before else {})
        problem = unfit(trace, sources)
        if problem:
            return f"nothing was learnt of what the tests touch: {problem}"
        if told.wrong_origins or told.collection_errors or told.exit_status not in (0, 1, 5):
            return ""
        ended = {test.id: test for test in told.tests}
        covered = request.selection.covered if request.selection else None
        made = updated(before, trace, ended, sources, self._unsafe(request, trace, sources), covered)
        newest = known_trees(self.folder, _owner(request))[:1]
        earlier = before or next((self._read(request, tree) for tree in newest), None)
        made = with_earlier_reads(made, earlier, sources.objects)
        if trace.is_plain:  # a run that left tests out did not look afresh, and may recall
            made = replace(made, asked=self.recalling.asked(request, recall=before is not None))
        return keep_map(self.folder, _owner(request), made.tree, map_parts(made))

    def _nearest(self, request: Request) -> tuple[TestMap, tuple[FileChange, ...]] | None:
        """The map of the tree that differs least from the head, with what differs."""
        for tree in self._by_nearness(request):
            read = self._read(request, tree)
            if read is not None:
                target = Target(TargetKind.RANGE, tree, request.target.head_tree, "")
                return read, read_change(self.repository, target).files
        return None

    def _by_nearness(self, request: Request) -> Iterator[str]:
        """The trees that have a map, the nearest first; Git is asked only for more than that of the head itself."""
        trees, head = known_trees(self.folder, _owner(request)), request.target.head_tree
        if head in trees:
            yield head
        found = differing(self.repository, (tree for tree in trees if tree != head), head)
        yield from sorted(found, key=found.__getitem__)

    def _read(self, request: Request, tree: str) -> TestMap | None:
        text = kept_map(self.folder, _owner(request), tree)
        try:
            known = read_test_map(text) if text is not None else None
        except UnreadableReport:
            return None
        return known if known and known.tree == tree else None

    def _sources(self, request: Request, trace: TouchTrace, known: Mapping[str, Loaded]) -> Sources:
        """The head tree, with the texts of files that were run and are not known; each is let go once it is read."""
        objects = self.repository.objects(request.target.head_tree)
        run = (path for path in trace.blobs if path in objects)
        paths = [path for path in run if path not in known or known[path].blob != objects[path]]
        contents = dict(zip(paths, self.repository.contents(objects[path] for path in paths), strict=True))

        def text(path: str) -> str | None:
            found = contents.pop(path) if path in contents else _bytes(Path(request.candidate.directory, path))
            return _text(found)

        return Sources(request.target.head_tree, objects, text)

    @staticmethod
    def _unsafe(request: Request, trace: TouchTrace, sources: Sources) -> frozenset[str]:
        """Files that tests opened, that lie there and that are no part of the tree: they change behind our back."""
        buckets = {id(each): each for each in (trace.session, *trace.tests.values(), *trace.fixtures.values())}
        read = {path for bucket in buckets.values() for path in bucket.reads if path not in sources.objects}
        lying = {path for path in read if Path(request.candidate.directory, path).is_file()}
        roots = tuple(f"{root}/".lstrip("/") for root in request.project.import_roots)
        return frozenset(path for path in lying if not _is_compared(path, roots))


def _is_compared(path: str, roots: tuple[str, ...]) -> bool:
    """Whether a file is a compiled module, of which the environment has the content."""
    is_left_out = path.startswith((".", "node_modules/")) or "/." in path or "/node_modules/" in path
    return path.endswith(BUILT) and path.startswith(roots) and not is_left_out


def _told(request: Request, outcome: Outcome | None) -> TestReport | None:
    """What the run of the tests reported, if it did; raises UnreadableReport."""
    report = outcome.files.get(report_path(request, PYTEST)) if outcome and outcome.ran else None
    return None if report is None else read_test_report(report, nonce_of(request, PYTEST))


def _seen(request: Request) -> TouchTrace | None:
    """What the run of the tests saw, if it wrote that; raises UnreadableReport."""
    try:
        text = Path(trace_path(request)).read_text("ascii", "replace")
    except OSError:
        return None
    return read_trace(text, nonce_of(request, PYTEST))


def _readings(request: Request, assignments: tuple[Assignment, ...]) -> Readings:
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


def _owner(request: Request) -> str:
    return f"{request.project.root}\n{request.environment.python}"


def _bytes(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except OSError:
        return None


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
