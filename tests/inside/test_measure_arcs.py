"""Branches of a few files are collected as coverage sees them; and where they cannot be, coverage does it or we say so."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import coverage
import pytest

import gatekeeper
from gatekeeper.inside.measure import SETTLED_CORE, collector
from gatekeeper.inside.measure_arcs import Arcs

INSIDE = Path(gatekeeper.__file__).parent / "inside"
NASTY = Path(__file__).parent / "nasty_program.txt"
GREENLETS = Path(__file__).parent / "greenlet_program.txt"
DEEP = """
def limit(n):
    try:
        limit(
            n + 1)
    except RecursionError:
        if n % 2:
            raise
        raise ValueError
    except ValueError:
        return 5
    finally:
        n = 3

def deep(n):
    yield n
    yield from deep(n + 1)

for how in (limit, lambda n: sum(deep(n)), limit):
    try:
        how(0)
    except (RecursionError, ValueError):
        pass
limit.__name__.lower()
"""
HAS_MEANS = (3, 12) <= sys.version_info < (3, 14)
RUN = """
import json, sys, threading
sys.path.append({inside!r})
place, kind, *concurrency = sys.argv[1:]


class Tracing:
    # What the tracer of coverage in C does: the one in Python sees less.
    def __init__(self):
        self.arcs = set()

    def start(self):
        threading.settrace(self.entered)
        sys.settrace(self.entered)

    def stop(self):
        sys.settrace(None)

    def entered(self, frame, event, argument):
        code, last = frame.f_code, frame.f_lineno
        if code.co_filename != place:
            return None
        if code.co_code[frame.f_lasti + 1] == 0:
            last = -code.co_firstlineno

        def told(frame, event, argument):
            nonlocal last
            if event == "line":
                self.arcs.add((last, frame.f_lineno))
                last = frame.f_lineno
            elif event == "return":
                place = frame.f_lasti + 2 * (sys.version_info < (3, 13))
                if frame.f_lasti + 2 == len(code.co_code) or code.co_code[place] != RESUME:
                    self.arcs.add((last, -code.co_firstlineno))
            return told

        return told


if kind == "ours":
    from measure_arcs import Arcs
    collector = Arcs([place])
    assert collector.start()
elif kind == "coverage":
    import coverage, coverage.tracer
    collector = coverage.Coverage(
        branch=True, config_file=False, data_file=None, include=[place], concurrency=concurrency or None
    )
else:
    import dis
    RESUME = dis.opmap["RESUME"]
    collector = Tracing()
if kind != "ours":
    collector.start()
exec(compile(open(place).read(), place, "exec"), {{"__name__": "program", "__file__": place}})
collector.stop()
if kind == "ours":
    assert not collector.problem, collector.problem
    assert sys.monitoring.get_tool(collector.number) is None
    arcs = collector.by_file[place]
else:
    arcs = collector.arcs if kind == "tracing" else collector.get_data().arcs(place)
print(json.dumps(sorted(map(list, arcs))))
"""


def interpreters() -> Iterator[str]:
    """Those that may be of a version with `sys.monitoring` and without its branches."""
    yield sys.executable
    yield from filter(None, map(shutil.which, ("python3.12", "python3.13")))
    yield from map(str, sorted(Path(sys.base_prefix).parent.glob("3.1[23].*/bin/python")))  # as pyenv lays them out


@cache
def able() -> str:
    """An interpreter that can collect branches; empty if there is none here."""
    asked = "import sys; print((3, 12) <= sys.version_info < (3, 14))"
    for each in interpreters():
        said = subprocess.run([each, "-c", asked], capture_output=True, text=True, check=False)
        if said.stdout.strip() == "True":
            return each
    return ""


def needs_one() -> str:
    """The interpreter, or the test is skipped."""
    return able() or pytest.skip("there is no Python 3.12 or 3.13 here")


def environment(libraries: Path) -> dict[str, str]:
    """That of an interpreter which takes coverage and pytest from our own one, without what else is installed there."""
    libraries.mkdir(exist_ok=True)
    names = ["coverage", "pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments"]
    for name in names + ["greenlet"] * HAS_MEANS:  # one that was compiled for another version is of no use
        spec = find_spec(name)
        place = Path(spec.origin if spec and spec.origin else "")
        place = place.parent if place.name == "__init__.py" else place
        for each in (place, *place.parent.glob(f"{name}-*.dist-info")):
            if spec and not (libraries / each.name).exists():
                (libraries / each.name).symlink_to(each)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COVERAGE", "PYTEST", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(libraries), "PYTHONDONTWRITEBYTECODE": "1"}


def has(python: str, module: str, known: dict[str, str]) -> bool:
    """Whether the interpreter can import the module."""
    return not subprocess.run(
        [python, "-c", f"import {module}"], env=known, capture_output=True, check=False
    ).returncode


def arcs_of(program: Path, known: dict[str, str], *how: str, first: str = "") -> set[tuple[int, int]]:
    """The arcs of a run of the program, as these means see them, in an interpreter that did `first` before."""
    done = subprocess.run(
        [needs_one(), "-c", first + RUN.format(inside=str(INSIDE)), os.path.realpath(program), *how],
        env=known,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {(start, end) for start, end in json.loads(done.stdout)}


@pytest.mark.parametrize("text", [NASTY.read_text("utf-8"), DEEP], ids=["nasty", "deep"])
def test_the_arcs_of_a_program_are_those_of_coverage(tmp_path: Path, text: str) -> None:
    known = environment(tmp_path / "libraries")
    reference = "coverage" if has(needs_one(), "coverage.tracer", known) else "tracing"
    if text == DEEP and reference == "tracing":
        pytest.skip("a tracer in Python itself reaches the limit of the recursion, and is gone then")
    program = tmp_path / "program.py"
    program.write_text(text, "utf-8")
    found = arcs_of(program, known, "ours")
    assert len(found) > 20
    assert found == arcs_of(program, known, reference)


def needs_greenlets(known: dict[str, str]) -> None:
    """Greenlets in the interpreter, or the test is skipped."""
    if not has(needs_one(), "greenlet", known):
        pytest.skip("there is no greenlet for Python 3.12 or 3.13 here")


@pytest.mark.parametrize("older_threads", [0, 2])
def test_greenlets_take_turns_in_threads(tmp_path: Path, older_threads: int) -> None:
    known = environment(tmp_path / "libraries")
    needs_greenlets(known)
    program = tmp_path / "program.py"
    text = GREENLETS.read_text("utf-8").replace("OLDER_THREADS = 2", f"OLDER_THREADS = {older_threads}")
    program.write_text(text, "utf-8")
    found = arcs_of(program, known, "tracing")
    assert len(found) > 400
    assert arcs_of(program, known, "ours") == found  # which imports greenlets in the middle of some frames
    assert arcs_of(program, known, "ours", first="import greenlet") == found


@pytest.mark.parametrize("text", [GREENLETS.read_text("utf-8"), DEEP], ids=["greenlets", "deep"])
def test_the_arcs_of_greenlets_are_those_of_coverage(tmp_path: Path, text: str) -> None:
    known = environment(tmp_path / "libraries")
    needs_greenlets(known)
    if not has(needs_one(), "coverage.tracer", known):
        pytest.skip("there is no coverage with its tracer for Python 3.12 or 3.13 here")
    program = tmp_path / "program.py"
    program.write_text(text.replace("HAVE_FRAMES = False", "HAVE_FRAMES = True"), "utf-8")
    found = arcs_of(program, known, "ours", first="import greenlet")
    assert found == arcs_of(program, known, "coverage", "thread", "greenlet")


PROJECT = {
    ".coveragerc": "[run]\nbranch = true\nsource = app\n",
    "app/__init__.py": "",
    "app/sums.py": "def positive(a):\n    if a > 0:\n        return a\n    return 0\n\n\ndef never():\n    for each in ():\n        pass\n",
    "app/other.py": "def other(a):\n    if a:\n        a = 1\n    return a\n",
    "app/unloaded.py": "def unloaded(a):\n    if a:\n        return 1\n",
    "test_app.py": "from app.other import other\nfrom app.sums import positive\n\n\ndef test_it():\n    assert positive(1) == other(1)\n",
}


def measured(
    folder: Path, only: list[str] | None, files: dict[str, str]
) -> tuple[dict[str, object], dict[str, object]]:
    """What the run of the tests says, and what is read of the files of `app` afterwards."""
    tree = folder / "tree"
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text, "utf-8")
    data = folder / f"data-{bool(only)}"
    common = {"nonce": "n", "root": str(tree), "import_roots": [str(tree)], "base": None}
    settings = {"data": str(data), "root": str(tree), "startup": str(INSIDE / "startup"), "base": "", "only": only}
    rest = {
        "tree": str(tree),
        "packages": ["app"],
        "args": [],
        "only": [],
        "rootdir": "",
        "cache": str(folder / "cache"),
    }
    tests = {**common, **rest, "report": str(folder / "tests.json"), "measure": settings}
    paths = [str(tree / "app" / name) for name in ("sums.py", "unloaded.py")]
    reading = {**common, "data": str(data), "report": str(folder / "read.json"), "files": paths, "total": False}
    for program, request in (("run_tests.py", tests), ("report_coverage.py", reading)):
        done = subprocess.run(
            [needs_one(), str(INSIDE / program)],
            input=json.dumps(request),
            cwd=tree,
            env=environment(folder / "libraries"),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    said = [json.loads((folder / name).read_text("utf-8")) for name in ("tests.json", "read.json")]
    return said[0], said[1]


@pytest.mark.parametrize("names", [["sums.py", "unloaded.py"], ["unloaded.py"]])
def test_the_figures_of_a_file_are_those_of_coverage(tmp_path: Path, names: list[str]) -> None:
    paths = [str(tmp_path / "tree" / "app" / name) for name in names]
    few, some = measured(tmp_path, paths, PROJECT)
    assert (few["measure_problem"], (tmp_path / "data-True.lines").is_dir()) == ("", True)
    _, every = measured(tmp_path, None, PROJECT)
    assert not (tmp_path / "data-False.lines").exists()
    assert some["branches"] is every["branches"] is True
    for path in paths:
        assert some["files"][path] == every["files"][path]  # type: ignore[index]
        assert every["files"][path]["missing_branches"]  # type: ignore[index]


def test_a_project_with_greenlets_is_measured_all_the_same(tmp_path: Path) -> None:
    needs_greenlets(environment(tmp_path / "libraries"))
    text = (
        PROJECT["test_app.py"].replace("def test_it", "def test_greenlets").replace("positive(1) ==", "switched() ==")
    )
    switched = "\n\ndef switched():\n    import greenlet\n\n    return greenlet.greenlet(positive).switch(1)\n"
    path = str(tmp_path / "tree/app/sums.py")
    tests, some = measured(tmp_path, [path], {**PROJECT, "test_app.py": text + switched})
    assert (tests["measure_problem"], (tmp_path / "data-True.lines").is_dir()) == ("", True)
    assert some["files"][path]["missing_branches"]  # type: ignore[index]
    _, every = measured(tmp_path, None, PROJECT)
    assert some["files"][path] == every["files"][path]  # type: ignore[index]


@pytest.mark.parametrize(
    ("meddling", "said"),
    [
        (
            "number = next(n for n in range(6) if sys.monitoring.get_tool(n) == 'gatekeeper arcs')\nsys.monitoring.free_tool_id(number)",
            "switched the measurement of branches off",
        ),
        (
            "number = next(n for n in range(6) if sys.monitoring.get_tool(n) == 'gatekeeper arcs')\nsys.monitoring.set_events(number, 0)",
            "switched the measurement of branches off",
        ),
        ("sys.modules['greenlet._greenlet'] = sys", "greenlets came into use without being seen"),
    ],
)
def test_what_a_test_switched_off_is_told(tmp_path: Path, meddling: str, said: str) -> None:
    files = {**PROJECT, "conftest.py": f"import sys\n{meddling}\n"}
    tests, read = measured(tmp_path, [str(tmp_path / "tree/app/sums.py")], files)
    assert said in str(tests["measure_problem"])
    assert read["problem"] == "no coverage data was written"


def test_a_file_is_found_where_it_was_moved_to() -> None:
    assert Arcs.place_of("/old/a.py", "/new/a.py") == "/new/a.py"
    assert Arcs.place_of("/old/template", "/new/a.py") == "/old/template"
    assert Arcs.place_of("/old/a.py", None) == "/old/a.py"
    assert Arcs.place_of("<string>", "/new/<string>") == ""


@pytest.fixture
def lines(tmp_path: Path) -> Callable[[dict[str, list[int]]], coverage.CoverageData]:
    """Makes data on lines."""

    def made(by_file: dict[str, list[int]]) -> coverage.CoverageData:
        data = coverage.CoverageData(basename=str(tmp_path / "lines" / "data"))
        (tmp_path / "lines").mkdir()
        data.add_lines(by_file)
        data.touch_file("/tree/unloaded.py")
        return data

    return made


def test_what_is_saved_names_all_that_is_measured(
    tmp_path: Path, lines: Callable[[dict[str, list[int]]], coverage.CoverageData]
) -> None:
    arcs = Arcs(["/tree/a.py", "/tree/omitted.py"])
    arcs.by_file = {"/tree/a.py": {(-1, 1), (1, 2), (2, -1)}, "/tree/omitted.py": {(-1, 1)}}
    assert arcs.save(lines({"/tree/a.py": [1, 2], "/tree/b.py": [4]}), str(tmp_path / "data")) == ""
    (place,) = tmp_path.glob("data.*")
    data = coverage.CoverageData(basename=str(place))
    data.read()
    assert data.measured_files() == {"/tree/a.py", "/tree/b.py", "/tree/unloaded.py"}
    assert set(data.arcs("/tree/a.py") or ()) == {(-1, 1), (1, 2), (2, -1)}
    assert data.arcs("/tree/b.py") == [(4, 4)]
    assert data.arcs("/tree/unloaded.py") == []


def test_half_of_what_was_run_is_not_saved(
    tmp_path: Path, lines: Callable[[dict[str, list[int]]], coverage.CoverageData]
) -> None:
    arcs = Arcs(["/tree/a.py"])
    arcs.by_file = {"/tree/a.py": {(-1, 1)}}
    said = arcs.save(lines({"/tree/a.py": [1, 2]}), str(tmp_path / "data"))
    assert said.startswith('lines of /tree/a.py were run unseen; with `core = "ctrace"`')
    assert not list(tmp_path.glob("data.*"))


class Started:
    """Stands for the module that collects, and begins at once."""

    def __init__(self, name: str) -> None:
        self.name = name

    def Arcs(self, files: list[str]) -> Started:
        return self

    def start(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("settings", "only", "is_ours"),
    [
        ({"branch": True}, ["a.py"], True),
        ({"branch": True, "patch": ["subprocess"]}, ["a.py"], True),
        ({}, ["a.py"], False),
        ({"branch": True}, None, False),
        ({"branch": True}, [], False),
        ({"branch": True, "patch": ["fork"]}, ["a.py"], False),
        ({"branch": True, "plugins": ["a.plugin"]}, ["a.py"], False),
        ({"branch": True, "timid": True}, ["a.py"], False),
        ({"branch": True, "core": "ctrace"}, ["a.py"], False),
        ({"branch": True, "concurrency": ["multiprocessing"]}, ["a.py"], False),
        ({"branch": True, "concurrency": ["gevent"]}, ["a.py"], False),
    ],
)
def test_coverage_measures_where_nobody_said_less(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any], only: list[str] | None, is_ours: bool
) -> None:
    monkeypatch.delenv("COVERAGE_CORE", raising=False)
    measure = coverage.Coverage(config_file=False, data_file=None)
    for name, value in settings.items():
        measure.set_option(f"run:{name}", value)
    assert (collector(measure, SETTLED_CORE, only, Started) is not None) is (is_ours and HAS_MEANS)


def test_a_hook_that_has_no_room_for_a_frame_disturbs_nothing(tmp_path: Path) -> None:
    """`sys._getframe` is audited, and the recorder of the tests listens: at the limit its hook cannot be called."""
    text = """
        def value(depth):
            if depth >= 0:
                return array(depth + 1)
            return depth

        def array(depth):
            space(depth)
            return value(depth)

        def space(depth):
            return part(depth)

        def part(depth):
            return depth

        for _ in range(20):
            try:
                value(0)
            except RecursionError:
                pass
    """
    program = tmp_path / "program.py"
    program.write_text(textwrap.dedent(text), "utf-8")
    known = environment(tmp_path / "libraries")
    found = arcs_of(program, known, "ours")
    assert arcs_of(program, known, "ours", first="import sys\nsys.addaudithook(lambda *said: None)\n") == found
