"""What is known of tests is brought up to a tree by reading the files alone that are other ones."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gatekeeper.model.reading import TestCase
from gatekeeper.model.selection import NOT_PASSED, KnownTest, TestMap, Touched
from gatekeeper.planning.selection_update import Sources, updated, with_earlier_reads
from tests.inside.learning import run_recorded

FILES = {
    "app.py": "import functools\n\n\n@functools.cache\ndef one():\n    return 1\n\n\ndef two():\n    return 2\n",
    "test_one.py": "import app\n\n\ndef test_one():\n    assert app.one()\n",
    "test_two.py": "import app\n\n\ndef test_two():\n    assert app.two()\n",
}


def test_of_a_file_that_is_known_nothing_is_read_again(tree: Path, known: TestMap) -> None:
    trace = run_recorded(tree)[1]
    objects = {path: file.blob for path, file in known.loaded.items()}
    read: list[str] = []

    def text(path: str) -> str:
        read.append(path)
        return (tree / path).read_text("utf-8")

    outcomes = dict.fromkeys(trace.tests, TestCase("", "passed", 1.23456))
    changed = sorted(objects)[0]
    again = updated(known, trace, outcomes, Sources("t" * 40, objects, text), frozenset())
    assert not read
    anew = updated(None, trace, outcomes, Sources("t" * 40, objects, text), frozenset())
    assert set(read) == set(objects)
    assert (again.tests, again.loaded, again.kept) == (anew.tests, anew.loaded, anew.kept)
    read.clear()
    updated(known, trace, outcomes, Sources("t" * 40, {**objects, changed: "0" * 40}, text), frozenset())
    assert read == [changed]


def test_times_are_kept_in_milliseconds_of_what_ran(tree: Path, known: TestMap) -> None:
    trace = replace(run_recorded(tree)[1], left_out=("old", "unknown"))
    old = replace(known, tests={"old": KnownTest("test_old.py", "", known.session, seconds=7.0)})
    sources = Sources("t" * 40, {path: file.blob for path, file in known.loaded.items()}, lambda path: None)
    ended = {name: TestCase(name, "passed", 1.23456) for name in trace.tests}
    del ended["test_two.py::test_two"]
    tests = updated(old, trace, ended, sources, frozenset()).tests
    assert {name: (test.seconds, test.again) for name, test in tests.items()} == {
        "old": (7.0, ""),
        "test_one.py::test_one": (1.235, ""),
        "test_two.py::test_two": (0.0, f"{NOT_PASSED} (unknown)"),
    }


def test_what_a_program_once_opened_is_kept_as_long_as_it_is_there(known: TestMap) -> None:
    def learnt(reads: set[str], starts: bool = True) -> TestMap:
        touched = Touched(reads=frozenset(reads), starts=starts)
        return replace(known, tests={"test_a": KnownTest("test_a.py", "", touched)})

    def kept(now: TestMap, earlier: TestMap | None) -> frozenset[str]:
        touched = with_earlier_reads(now, earlier, {"a.py", "b.py", "folder/c.py"}).tests["test_a"].touched
        assert touched.starts or touched.reads == now.tests["test_a"].touched.reads
        return touched.reads

    assert kept(learnt({"a.py"}), learnt({"b.py", "gone.py", "folder/", "gone/"})) == {"a.py", "b.py", "folder/"}
    assert kept(learnt({"a.py"}), None) == {"a.py"}
    assert kept(learnt({"a.py"}), replace(known, tests={})) == {"a.py"}
    assert kept(learnt({"a.py"}, starts=False), learnt({"b.py"})) == {"a.py", "b.py"}, "it may have failed before that"
    assert kept(learnt({"a.py"}), learnt({"b.py"}, starts=False)) == {"a.py"}
