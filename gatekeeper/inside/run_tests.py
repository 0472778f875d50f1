"""Runs a project's tests with pytest, in the project's own interpreter, and reports what it saw.

Started by path, with a request as JSON on standard input. It imports the standard library, pytest and coverage only,
and keeps to Python 3.8. The report is written at the very end, at once, with the number that the request carried: a
process that ends early leaves none. Progress goes to standard output, everything else to standard error.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from typing import Any, Dict, List, Set, Tuple

Json = Dict[str, Any]
BORROWED_NAME = "gatekeeper_inside_"
CANNOT_START = 70
MOST_DETAILS = 200
SECONDS_BETWEEN_WORDS = 0.2
TOLD_PLACE = re.compile(r"^(?:E +File \")?([^\s\":][^\":\n]*?)(?:\", line |:)(\d+)", re.MULTILINE)


def take_request() -> Tuple[Json, int]:
    """The request from standard input, which is empty for the tests; and the file number for progress lines.

    pytest's own output goes to standard error from here on: a progress line must never land inside of it.
    """
    request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.close(empty)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it lives as long as the process
    said_to = os.dup(1)
    sys.stdout.flush()
    os.dup2(2, 1)
    return request, said_to


def load_neighbour(name: str) -> Any:
    """A module that lies beside this one, under a name that no project has."""
    from importlib.util import module_from_spec, spec_from_file_location

    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    spec = spec_from_file_location(BORROWED_NAME + name, place)
    assert spec is not None and spec.loader is not None  # noqa: S101 - the file lies beside this one
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def imitate_python_m(root: str) -> None:
    """Set `sys.path` and `sys.argv` the way `python -m pytest` has them."""
    own = os.path.dirname(os.path.abspath(__file__))
    if sys.path and os.path.abspath(sys.path[0]) == own:
        del sys.path[0]
    sys.path.insert(0, root)
    sys.argv = ["pytest"]


class Recorder:
    """A pytest plugin that keeps the outcome of every test, and tells how far the run is."""

    def __init__(self, request: Json, said_to: int) -> None:
        self.tree = os.path.realpath(request["tree"]) + os.sep
        self.said_to = said_to
        self.texts = load_neighbour("failure_texts")
        self.last_word = 0.0
        self.tests: Dict[str, Json] = {}
        self.collection_errors: List[Json] = []
        self.collected: Set[str] = set()
        self.deselected = 0
        self.failed = 0
        self.warnings = 0
        self.workers = 0
        self.stopped = ""
        self.rootdir = ""

    def pytest_configure(self, config: Any) -> None:
        """Keep pytest-cov out: its measurement would fight with ours, and its threshold is no test."""
        self.rootdir = str(config.rootpath) if hasattr(config, "rootpath") else str(config.rootdir)
        if hasattr(config.option, "no_cov"):
            config.option.no_cov = True
            given = config.invocation_params  # what the workers of xdist will be started with
            config.invocation_params = type(given)(args=(*given.args, "--no-cov"), plugins=given.plugins, dir=given.dir)

    def pytest_collection_finish(self, session: Any) -> None:
        """Count what will run; the controller of xdist has no items of its own."""
        self.collected.update(item.nodeid for item in session.items)
        self.say()

    def pytest_deselected(self, items: Any) -> None:
        """Count what was left out by -k, -m and the like."""
        self.deselected += len(items)

    def pytest_collectreport(self, report: Any) -> None:
        """Keep the files that could not be collected."""
        known = [error["id"] for error in self.collection_errors]  # every worker of xdist tells the same
        if report.failed and report.nodeid not in known:
            test = self.entry(report.nodeid or "the collection", "error")
            self.explain(test, report)
            self.collection_errors.append(test)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Merge setup, call and teardown of a test into one outcome, the worst one."""
        if report.outcome == "rerun":  # pytest-rerunfailures: the last attempt counts
            self.tests.pop(report.nodeid, None)
            return
        test = self.tests.get(report.nodeid)
        if test is None:
            test = self.tests[report.nodeid] = self.entry(report.nodeid, "")
        test["seconds"] = round(test["seconds"] + getattr(report, "duration", 0.0), 6)
        if report.failed and test["outcome"] not in ("failed", "error"):
            test["outcome"] = "failed" if report.when == "call" else "error"
            self.failed += 1
            self.explain(test, report)
        elif report.skipped and not test["outcome"]:
            test["outcome"] = "skipped"
            if hasattr(report, "wasxfail"):
                test["message"] = "expected to fail"  # as it did; the gate counts these apart
        elif report.when == "call" and report.passed and test["outcome"] in ("", "skipped"):
            test["outcome"] = "passed"  # only a subtest can have been skipped before
        self.say()

    def pytest_warning_recorded(self, warning_message: Any) -> None:
        """Count warnings."""
        self.warnings += 1

    def pytest_sessionfinish(self, session: Any) -> None:
        """Keep why the run stopped early, if it did."""
        self.stopped = str(session.shouldstop or session.shouldfail or "")

    @staticmethod
    def entry(nodeid: str, outcome: str) -> Json:
        """The record of one test."""
        return {"id": nodeid, "outcome": outcome, "seconds": 0.0, "message": "", "detail": "", "path": "", "line": None}

    def explain(self, test: Json, report: Any) -> None:
        """Say where and why a test failed: the last place in the tree that its traceback names."""
        longrepr = report.longrepr
        crash = getattr(longrepr, "reprcrash", None)
        places = [(crash.path, crash.lineno)] if crash else []
        trace = getattr(longrepr, "reprtraceback", None)
        for entry in reversed(getattr(trace, "reprentries", None) or []):
            spot = getattr(entry, "reprfileloc", None)
            if spot:
                places.append((spot.path, spot.lineno))
        if not places:  # an error of the collection is told in words only
            places += reversed(TOLD_PLACE.findall(str(longrepr)))
        path, line = (getattr(report, "location", None) or (report.nodeid.split("::")[0], None))[:2]
        places.append((path, None if line is None else line + 1))
        for path, line in places:
            inside = self.inside(path)
            if inside:
                test["path"], test["line"] = inside, None if line is None else int(line)
                break
        if self.failed + len(self.collection_errors) <= MOST_DETAILS:
            test["detail"] = self.texts.shortened(self.texts.with_margin(longrepr))
        text = crash.message if crash else self.texts.last_line(test["detail"] or str(longrepr))
        test["message"] = self.texts.shortened(text.strip().split("\n")[0], 300)

    def inside(self, path: Any) -> str:
        """The path in relation to the tree, with slashes; empty for a place outside of it or one that is no file."""
        place = os.path.realpath(os.path.join(self.rootdir, str(path)))
        if not place.startswith(self.tree) or not os.path.isfile(place):
            return ""
        return place[len(self.tree) :].replace(os.sep, "/")

    def report(self) -> Json:
        """What was seen of the run, in the fields of the report."""
        return {
            "collected": len(self.collected),
            "unseen": sorted(self.collected - set(self.tests))[:20],
            "deselected": self.deselected,
            "tests": list(self.tests.values()),
            "collection_errors": self.collection_errors,
            "warnings": self.warnings,
            "workers": self.workers,
            "stopped": self.stopped,
            "rootdir": self.rootdir,
        }

    def say(self, last: bool = False) -> None:
        """Print a progress line, at most five a second."""
        now = time.monotonic()
        if not last and now - self.last_word < SECONDS_BETWEEN_WORDS:
            return
        self.last_word = now
        text = "{} failed".format(self.failed) if self.failed else "running"
        word = {"text": text, "done": len(self.tests), "total": len(self.collected)}
        try:
            os.write(self.said_to, ("::gatekeeper " + json.dumps(word) + "\n").encode("ascii"))
        except OSError:
            self.last_word = float("inf")  # nobody listens any more


def under_xdist(recorder: Recorder, pytest: Any) -> object:
    """The hooks that exist only where xdist is installed."""

    class Controller:
        @pytest.hookimpl(optionalhook=True)  # type: ignore[untyped-decorator]
        def pytest_xdist_node_collection_finished(self, node: Any, ids: Any) -> None:
            recorder.workers += 1
            recorder.collected.update(ids)

    return Controller()


def without_pytest_cov(pytest: Any) -> object:
    """A plugin that switches pytest-cov off before it starts, in the way that `--no-cov` does but without its warning.

    It must come before pytest-cov's own hook: wrappers do.
    """

    class Quiet:
        @pytest.hookimpl(hookwrapper=True)  # type: ignore[untyped-decorator]
        def pytest_load_initial_conftests(self, early_config: Any) -> Any:
            known = early_config.known_args_namespace
            if hasattr(known, "no_cov"):
                known.no_cov = True
                known.cov_source = []
            yield

    return Quiet()


def write_at_once(path: str, report: Json) -> None:
    """Write the report under another name first, so that nobody reads half of one."""
    with open(path + ".part", "w", encoding="ascii") as file:
        json.dump(report, file)
    os.replace(path + ".part", path)


def arguments(request: Json, settings: List[str]) -> List[str]:
    """The arguments for pytest; the project's own settings are added by pytest itself, but for those given here."""
    chosen = [os.path.join(request["rootdir"], test) for test in request["only"]]
    return ["-o", "cache_dir=" + request["cache"], *settings, *request.get("spread", ()), *request["args"], *chosen]


def recording(request: Json, pytest: Any) -> Any:
    """The plugin that records what tests touch, or None where that is not wanted; tests see no job's variables then."""
    if not request.get("record"):
        return None
    load_neighbour("record_key").hide_the_job(os.environ)
    return load_neighbour("record").plugin(request, load_neighbour, pytest)


def hurrying(request: Json, pytest: Any) -> Any:
    """The plugin that ends the run at the first failure, or None where that is not wanted."""
    return load_neighbour("first_failure").plugin(request, pytest) if request.get("hurry") else None


def main() -> None:
    """Run the tests and write the report; ends with pytest's own exit status."""
    request, said_to = take_request()
    imitate_python_m(request["root"])
    measure = load_neighbour("measure").Measurement(request["measure"], load_neighbour)
    try:
        import pytest
    except ImportError as error:
        sys.stderr.write("pytest cannot be imported: {}\n".format(error))
        sys.exit(CANNOT_START)
    recorder = Recorder(request, said_to)
    started = time.monotonic()
    touches = recording(request if measure.is_whole else dict(request, measure=None), pytest)
    hurry = hurrying(request, pytest)
    plugins = [recorder, under_xdist(recorder, pytest), without_pytest_cov(pytest), *filter(None, [touches, hurry])]
    settings, held, unread = load_neighbour("base_settings").overriding(request)
    status = int(pytest.main(arguments(request, settings), plugins=plugins))
    recorder.say(last=True)
    if touches is not None:
        touches.end()
    report = {
        "nonce": request["nonce"],
        "exit_status": status,
        "seconds": round(time.monotonic() - started, 3),
        **recorder.report(),
        "held_settings": held,
        "unread_settings": unread,
        "wrong_origins": load_neighbour("origins").wrong(request),
        "measured": measure.end(),
        "measure_problem": measure.problem,
        "python": sys.version.split()[0],
        "reused": len(touches.left_out()) if touches is not None else 0,
        "not_reused": touches.refused() if touches is not None else "",
        **(hurry.report() if hurry is not None else {}),
    }
    sys.stdout.flush()
    write_at_once(request["report"], report)
    sys.exit(status)


if __name__ == "__main__":
    main()
