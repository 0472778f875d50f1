"""What is asked once of all tests that touched the same says of each what asking it of each alone says."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.model.selection import KnownTest, TestMap, Touched
from gatekeeper.planning.selection import _AllTests, _Effects, _for_all, _looks_at, _runs
from gatekeeper.planning.selection_graph import importers_of
from gatekeeper.planning.selection_paths import parent_of

PATHS = st.sampled_from(["a.py", "b/c.py", "b/test_d.py", "e/f.txt"])
SOME = st.frozensets(PATHS, max_size=3)
UNITS = st.dictionaries(PATHS, st.frozensets(st.integers(-1, 1), max_size=2), max_size=4)
TEXTS = st.sampled_from(["__doc__:", "__doc__:a.py", "__annotations__:b/c.py"])
FOLDERS = st.sampled_from(["/", "b/", "e/"])
READS = st.frozensets(PATHS | FOLDERS, max_size=3)
LISTS = st.frozensets(st.sampled_from(["", "b", "e"]), max_size=1)
TOUCHED = st.builds(
    Touched, UNITS, READS, LISTS, st.sampled_from(["", "", "it forks"]), st.booleans(), st.frozensets(TEXTS, max_size=1),
    st.booleans(),
)  # fmt: skip
SAID = st.sampled_from(["one", "two", "three"])
EFFECTS = st.builds(
    _Effects,
    units=UNITS,
    at_import=st.dictionaries(PATHS, SAID, max_size=2),
    covering=UNITS,
    fresh=SOME.map(tuple),
    texts=st.dictionaries(TEXTS, SAID, max_size=1),
    still=SOME.map(set),
    paths=SOME.map(set),
    names=LISTS.map(set),
    near=st.dictionaries(FOLDERS, PATHS, max_size=1),
)
AGAIN = st.sampled_from(["", "", "", "it did not pass"])


@st.composite
def _known(draw: st.DrawFn) -> TestMap:
    """Tests of which several share what they touched."""
    touched = draw(st.lists(TOUCHED, min_size=1, max_size=3))
    each = st.builds(KnownTest, PATHS, AGAIN, st.sampled_from(touched))
    tests = draw(st.dictionaries(st.text("abcdef", max_size=3), each, max_size=8))
    edges = draw(st.frozensets(st.tuples(PATHS, PATHS), max_size=3))
    return TestMap("", {}, tests, Touched(), {}, {}, edges, {})


@settings(max_examples=400)
@given(_known(), EFFECTS, st.booleans())
def test_the_reasons_are_those_of_each_test_alone(known: TestMap, effects: _Effects, changed: bool) -> None:
    try:
        _for_all(known, effects, importers_of(known, effects.at_import), changed)
    except _AllTests:
        return
    assert list(_runs(known, effects, changed)) == list(_one_by_one(known, effects, changed))


def _one_by_one(known: TestMap, effects: _Effects, changed: bool) -> list[tuple[str, str]]:
    """Each test that has to run with its reason, found by going through all that it touched."""
    reached = importers_of(known, effects.at_import)
    reasons = {name: test.again or _because(test, effects, reached, changed) for name, test in known.tests.items()}
    return [(name, reason) for name, reason in reasons.items() if reason]


def _because(test: KnownTest, effects: _Effects, reached: dict[str, str], changed: bool) -> str:
    for path in (test.path, *test.touched.entered):
        if path in reached:
            return effects.at_import[reached[path]]
    if test.touched.everything and changed:
        return test.touched.everything
    return _enters(test.touched, effects) or _looks_at(test.touched, effects)


def _enters(touched: Touched, effects: _Effects) -> str:
    for path, units in touched.entered.items():
        if units & effects.units.get(path, frozenset()):
            return f"it runs what changed in {path}"
        if units & effects.covering.get(path, frozenset()):
            return f"it covers lines that are new in {path}"
        if touched.lines and path in effects.paths and path not in effects.still:
            return f"it asks for numbers of lines, and {path} changed"
    for path in effects.fresh if touched.starts else ():
        if not touched.reads.isdisjoint((path, f"{parent_of(path)}/")):
            return f"it starts a program that may cover lines that are new in {path}"
    return ""


def test_the_file_is_named_that_comes_first_among_what_was_entered() -> None:
    touched = Touched({"b/c.py": frozenset({1}), "a.py": frozenset({1})})
    known = TestMap("", {}, {"test": KnownTest("t.py", "", touched)}, Touched(), {}, {}, frozenset(), {})
    units = dict.fromkeys(("a.py", "b/c.py"), frozenset({1}))
    assert list(_runs(known, _Effects(units=units), True)) == [("test", "it runs what changed in b/c.py")]
    imports = {path: f"an import of {path}" for path in units}
    assert list(_runs(known, _Effects(at_import=imports), True)) == [("test", "an import of b/c.py")]
