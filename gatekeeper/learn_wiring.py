"""Keeps what a run saw of tests, so that later ones need not be run; only where the setting `select` is on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gatekeeper.edges.git import Repository
from gatekeeper.edges.test_map import keep_map, known_trees
from gatekeeper.engine.run import Assignment
from gatekeeper.formats.pytest_request import PYTEST, may_select, nonce_of, report_path, trace_path
from gatekeeper.formats.test_map_text import map_parts
from gatekeeper.formats.test_report import TestReport, read_test_report
from gatekeeper.formats.touch_trace import TouchTrace, read_trace
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.inside.record_key import BUILT
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.job import Outcome
from gatekeeper.model.selection import Loaded
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.selection_update import Sources, unfit, updated, with_earlier_reads
from gatekeeper.ports import Request
from gatekeeper.recall_wiring import Readings, Recalling
from gatekeeper.select_wiring import map_of, owner_of, readings_of


@dataclass(frozen=True)
class Learning:
    """What is needed to learn from a run: the repository, the folder of what is kept, and what keeps answers."""

    repository: Repository
    folder: Path
    recalling: Recalling

    def learn(
        self, assignments: tuple[Assignment, ...], outcomes: Mapping[str, Outcome], verdicts: tuple[Verdict, ...]
    ) -> tuple[str, ...]:
        """Keep what the run saw of each project, where its verdict can be believed; tells what could not be."""
        unsure = {verdict.project for verdict in verdicts if verdict.gate == "tests" and verdict.status is Status.ERROR}
        said = []
        for each in assignments:
            if may_select(each.request) and each.project not in unsure:
                prefix = f"{each.project}:" if each.project else ""
                own = {name.removeprefix(prefix): outcome for name, outcome in outcomes.items()}
                said.append(self._learn(each.request, own, readings_of(each.request, assignments)))
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

    def _remember(self, request: Request, told: TestReport) -> str:
        """Keep what a whole run saw; tells in words why not, where that is worth knowing."""
        try:
            trace = _seen(request)
        except UnreadableReport as error:
            return str(error)
        if trace is None:
            return ""
        before = map_of(self.folder, request, request.selection.tree) if request.selection and trace.left_out else None
        sources = self._sources(request, trace, before.loaded if before else {})
        problem = unfit(trace, sources)
        if problem:
            return f"nothing was learnt of what the tests touch: {problem}"
        if told.wrong_origins or told.collection_errors or told.exit_status not in (0, 1, 5):
            return ""
        ended = {test.id: test for test in told.tests}
        covered = request.selection.covered if request.selection else None
        made = updated(before, trace, ended, sources, self._unsafe(request, trace, sources), covered)
        newest = known_trees(self.folder, owner_of(request))[:1]
        earlier = before or next((map_of(self.folder, request, tree) for tree in newest), None)
        made = with_earlier_reads(made, earlier, sources.objects)
        if trace.is_plain:  # a run that left tests out did not look afresh, and may recall
            made = replace(made, asked=self.recalling.asked(request, recall=before is not None))
        return keep_map(self.folder, owner_of(request), made.tree, map_parts(made))

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


def _bytes(place: Path) -> bytes | None:
    try:
        return place.read_bytes()
    except OSError:
        return None


def _text(content: bytes | None) -> str | None:
    return None if content is None else content.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
