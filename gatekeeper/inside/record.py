"""Records what each test touches, and leaves out the tests whose outcome is known; a plugin of pytest.

Runs in the project's interpreter. A test is left out only where the environment is the one that the outcome was seen
in: it is compared here, in the process that runs the tests.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from typing import Any, Dict, List, Set

Json = Dict[str, Any]


class Touches:
    """The plugin; `request` is that of the run, `ground` and `key` are the modules beside this one."""

    def __init__(self, request: Json, load: Any) -> None:
        self.request = request
        self.wanted: Json = request["record"]
        self.key = load("record_key")
        self.ground_module = load("record_ground")
        self.ground = self.ground_module.Ground(request["tree"], load)
        self.listener = load("record_events").listener(self.ground)
        self.coverage = load("record_coverage")
        self.places = load("record_places")
        self.crediting = self.coverage.Crediting(self.ground.inside) if request.get("measure") else None
        self.problem = ""
        self.refused = ""
        self.environment: Dict[str, str] = {}
        self.outside: Dict[str, str] = {}
        self.is_plain = False
        self.patterns: List[str] = []
        self.tests: Dict[str, int] = {}
        self.touched: Dict[Any, int] = {}  # the number of each row by what it tells
        self.rows: List[Json] = []
        self.fixtures: Dict[int, Any] = {}
        self.alive: List[Any] = []
        self.left_out: List[str] = []
        self.again: Set[str] = set()
        self.workers = load("record_workers").Workers(request, self.key.WORKER_PLUGIN)
        self.is_spread = False

    def begin(self) -> None:
        """Listen from now on; without the means for it nothing is recorded and nothing left out."""
        if not self.listener.start():
            self.problem = "another tool already listens to what Python enters"
            return
        self.ground.keeping.again = self.listener.again
        sys.addaudithook(self.ground.hook())
        self.follow_fixtures()

    def follow_fixtures(self) -> None:
        """Credit what a fixture of a wider scope does to every test that uses it, and not to the first one alone."""
        import _pytest.fixtures
        import _pytest.python
        from _pytest.fixtures import FixtureDef

        callers: List[Any] = [_pytest.python.pytest_pyfunc_call, getattr(_pytest.fixtures, "call_fixture_func", None)]
        self.ground.keeping.bottoms.update(
            self.ground_module.number_of(caller.__code__) for caller in callers if caller is not None
        )

        execute, finish = FixtureDef.execute, FixtureDef.finish

        def executed(fixture: Any, request: Any) -> Any:
            if str(fixture.scope) == "function":
                return execute(fixture, request)
            self.ground.buckets[-1].uses.add(id(fixture))
            return self.on_behalf(fixture, lambda: execute(fixture, request))

        def finished(fixture: Any, request: Any) -> Any:
            if str(fixture.scope) == "function":
                return finish(fixture, request)
            return self.on_behalf(fixture, lambda: finish(fixture, request))

        kind: Any = FixtureDef
        kind.execute, kind.finish = executed, finished

    def on_behalf(self, fixture: Any, work: Any) -> Any:
        """Do the work of a fixture, credited to the fixture."""
        number = id(fixture)
        if number not in self.fixtures:
            self.alive.append(fixture)  # the number stands for it as long as it lives
            self.fixtures[number] = self.ground.bucket(str(getattr(fixture, "argname", "")))
        bucket = self.fixtures[number]
        known, bucket.codes = bucket.codes, set()
        self.ground.begin(bucket)
        before = getattr(fixture, "cached_result", None)
        self.listener.again()
        try:
            return work()
        finally:
            self.ground.children.end_fixture(bucket)
            self.ground.end()
            made = getattr(fixture, "cached_result", None)
            if bucket.codes or (made is not before and made and type(made[0]) not in self.ground.memory.PLAIN):
                self.ground.lasting.add(fixture)
            bucket.codes |= known

    def spread(self, config: Any) -> None:
        """Have the workers of pytest-xdist record, where it spreads the tests."""
        if getattr(config.option, "dist", "no") != "no" and getattr(config.option, "tx", None):
            self.is_spread = True
            self.problem = self.problem or self.workers.prepare(config)

    def leave_out(self, config: Any, items: List[Any]) -> None:
        """Take the tests out whose outcome is known, if it was seen in this environment."""
        roots = [os.path.realpath(root) for root in self.request["import_roots"]]
        with self.ground.deaf.here():
            self.environment = self.key.environment(config, self.request, roots)
            self.outside = self.places.stamps(self.places.places(self.request["tree"]))
            self.is_plain = self.places.is_plain(config)
            self.patterns = self.places.patterns(config)
            self.refused = self.problem or self.another()
            self.ground.children.prepare(self.places.leading(self.request["tree"]))
        self.ground.lasting.collect(items)
        self.again.update(test for test, times in Counter(item.nodeid for item in items).items() if times > 1)
        if self.refused:
            return
        known = set(self.wanted["reuse"]) - self.again
        self.left_out = [item.nodeid for item in items if item.nodeid in known]
        items[:] = [item for item in items if item.nodeid not in known]

    def another(self) -> str:
        """Why the outcomes that are known are those of another environment; empty where they are not."""
        if not self.wanted["reuse"]:
            return ""
        known = self.wanted["environment"]
        for part in sorted(set(known) | set(self.environment)):
            if known.get(part) != self.environment.get(part):
                return "the environment is another one ({})".format(part)
        for path, blob in self.wanted["untracked"].items():
            if self.key.content(os.path.join(self.request["tree"], path)) != blob:
                return "{} is another file, and no part of the tree".format(path)
        return ""

    def run_one(self, item: Any, pytest: Any) -> Any:
        """Record one test, from its set-up to its tear-down."""
        bucket = self.ground.bucket(item.nodeid)
        if self.crediting and not self.tests:
            self.crediting.credit("")  # what ran before the first test
        self.ground.begin_test(bucket)
        self.listener.again()
        yield
        self.ground.end_test()
        if self.crediting:
            self.crediting.credit(item.nodeid)
        if not self.listener.is_heard():
            bucket.everything = "it profiles, and so kept us from seeing what it does"
            self.ground.session.everything = "a test switched the recording off"
        path = self.ground.inside(str(getattr(item, "path", None) or item.fspath))
        seen = self.tests.get(item.nodeid)
        self.tests[item.nodeid] = self.row(bucket, path)
        if seen is not None or not isinstance(item, pytest.Function):
            self.again.add(item.nodeid)

    def row(self, bucket: Any, path: str) -> int:
        """The number of the row that tells what a test of this file touched: many touch the same."""
        known = (path, *bucket.parts())
        number = self.touched.get(known)
        if number is None:
            number = self.touched[known] = len(self.rows)
            self.rows.append(dict(bucket.report(self.ground.functions), path=path))
        return number

    def end(self) -> None:
        """Stop listening and write what was recorded."""
        self.ground.listening = False
        self.listener.stop()
        self.ground.children.end()
        trace = {
            "nonce": self.request["nonce"],
            "problem": self.problem or self.ground.problem or self.strangers(),
            "refused": self.refused,
            "left_out": self.left_out,
            "environment": self.environment,
            "outside": self.outside,
            "is_plain": self.is_plain,
            "patterns": self.patterns,
            "modules": self.named(),
            "edges": sorted(self.ground.edges),
            "asked": sorted(self.ground.names_asked),
            "kept": sorted({self.ground.functions[number][:2] for number in self.ground.keeping.kept}),
            "made": sorted(self.ground.texts.made),
            "session": self.ground.session.report(self.ground.functions),
            "fixtures": {str(number): bucket.report(self.ground.functions) for number, bucket in self.fixtures.items()},
            "rows": self.rows,
            "tests": self.tests,
            "always": sorted(self.again),
            "blobs": self.contents(),
            "covered": self.covered(),
        }
        if self.is_spread:
            trace = self.workers.merged(trace)
            self.left_out, self.refused = trace["left_out"], trace["refused"]
        place = self.wanted["trace"]
        with open(place + ".part", "w", encoding="ascii") as file:
            file.write(json.dumps(trace))  # the encoder in C writes no streams
        os.replace(place + ".part", place)

    def named(self) -> Dict[str, str]:
        """The file of every module of the tree that was loaded, by its name."""
        found = dict(self.ground.modules)
        for name, module in list(sys.modules.items()):
            path = self.ground.module_path(module)
            if path:
                found[name] = path
        return found

    def contents(self) -> Dict[str, str]:
        """The id that Git gives to the content of every file of the tree that was run, as it lies there now."""
        paths = set(self.named().values()) | {path for path in self.ground.files.values() if path}
        return {path: self.key.content(self.ground.tree + path) for path in sorted(paths)}

    def covered(self) -> Any:
        """What each test covers that no other one covered before; None where that is not known."""
        if self.crediting is None or self.crediting.gathered() is None:
            return None
        settings = self.coverage.settings_of(self.crediting.measure, self.request["root"], self.key.digest)
        return self.crediting.report(settings)

    def strangers(self) -> str:
        """Why the outcomes hang on code that is neither of the tree nor of an installed package, if they do."""
        import site
        import sysconfig

        own = [sys.prefix, sys.base_prefix, sys.exec_prefix, os.path.dirname(os.path.abspath(__file__))]
        own += [*sysconfig.get_paths().values(), *getattr(site, "getsitepackages", list)(), site.getusersitepackages()]
        known = tuple({os.path.realpath(place) + os.sep for place in own if place} | {self.ground.tree})
        for module in list(sys.modules.values()):
            place = getattr(module, "__file__", None)
            is_file = isinstance(place, str) and os.path.isabs(place) and os.path.isfile(place)
            if is_file and not os.path.realpath(str(place)).startswith(known):
                return "code from outside of the tree and of the environment takes part ({})".format(place)
        return ""


def plugin(request: Json, load: Any, pytest: Any) -> Any:
    """The plugin for pytest, which listens already; `end` writes what it recorded."""
    touches = Touches(request, load)
    touches.begin()

    class Plugin:
        end = staticmethod(touches.end)
        pytest_configure = staticmethod(touches.spread)

        @staticmethod
        def left_out() -> List[str]:
            """The tests that were left out."""
            return touches.left_out

        @staticmethod
        def refused() -> str:
            """Why none was, if some could have been."""
            return touches.refused

        @pytest.hookimpl(trylast=True)  # type: ignore[untyped-decorator]
        def pytest_collection_modifyitems(self, config: Any, items: List[Any]) -> None:
            touches.leave_out(config, items)

        @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # type: ignore[untyped-decorator]
        def pytest_runtest_protocol(self, item: Any) -> Any:
            yield from touches.run_one(item, pytest)

        def pytest_runtest_logreport(self, report: Any) -> None:
            if report.outcome == "rerun":
                touches.again.add(report.nodeid)

    return Plugin()
