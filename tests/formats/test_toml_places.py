"""On which line each key of a TOML text stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.located import UnreadableDocumentError
from gatekeeper.formats.toml_places import read_toml

TEXT = '''\
top = 1 # [not.a.table]
b.c.d = """x
[tool.gatekeeper]
"y\\""""" # c
"q.r" . 's"' = [ 1, # one ]
  "two]", [3,
  {k = 4, l.m = 5}],
]
lit = \'\'\'
[x] = 1\'\'\'\'\'
[ tool . gatekeeper ] # here
jobs=8
when = 2024-01-01T00:00:00Z
gates.review.minimum = 7
gates . tests = { retries = 2, args = ["-m", "x # y", 'a\\'], "quoted \\u00e9" = {} }
empty = []
[[tool.gatekeeper.arr]]
x=1
[tool.gatekeeper.arr.sub]
y=2
[[tool.gatekeeper.arr]]
x=2
sub.y = 3
[[tool.gatekeeper.arr.deep]]
z = 1
[[tool.gatekeeper.arr.deep]]
z = 2
[tool.gatekeeper.gates.types]
run = 'mypy ]'
'''

LINES = {
    (): 11,
    ("jobs",): 12,
    ("when",): 13,
    ("gates",): 14,
    ("gates", "review"): 14,
    ("gates", "review", "minimum"): 14,
    ("gates", "tests"): 15,
    ("gates", "tests", "retries"): 15,
    ("gates", "tests", "args"): 15,
    ("gates", "tests", "args", 0): 15,
    ("gates", "tests", "args", 1): 15,
    ("gates", "tests", "args", 2): 15,
    ("gates", "tests", "quoted é"): 15,
    ("empty",): 16,
    ("arr",): 17,
    ("arr", 0): 17,
    ("arr", 0, "x"): 18,
    ("arr", 0, "sub"): 19,
    ("arr", 0, "sub", "y"): 20,
    ("arr", 1): 21,
    ("arr", 1, "x"): 22,
    ("arr", 1, "sub"): 23,
    ("arr", 1, "sub", "y"): 23,
    ("arr", 1, "deep"): 24,
    ("arr", 1, "deep", 0): 24,
    ("arr", 1, "deep", 0, "z"): 25,
    ("arr", 1, "deep", 1): 26,
    ("arr", 1, "deep", 1, "z"): 27,
    ("gates", "types"): 28,
    ("gates", "types", "run"): 29,
}


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_way_to_write_a_key(newline):
    located = read_toml(TEXT.replace("\n", newline), ("tool", "gatekeeper"))
    assert located.places == LINES


def test_places_outside_of_the_table():
    located = read_toml(TEXT, ())
    wanted = {("b", "c", "d"): 2, ("q.r", 's"', 1): 6, ("q.r", 's"', 2, 1, "l", "m"): 7, ("lit",): 9, ("top",): 1}
    assert {place: located.places[place] for place in wanted} == wanted


def test_an_unknown_place_has_the_line_of_what_is_around_it():
    located = read_toml(TEXT, ("tool", "gatekeeper"))
    assert located.line_of(("gates", "types", "nothing", 3)) == 28
    assert located.line_of(("nothing",)) == 11


@pytest.mark.parametrize("text", ["", "[tool]\nx = 1", "[gatekeeper]", "tool = 3"])
def test_a_text_without_the_table_has_none(text):
    assert read_toml(text, ("tool", "gatekeeper")) is None


@pytest.mark.parametrize(("text", "line"), [("a = 1\nb =", 2), ("a = 1\n\n[b", 3), ("a = '''\n\n", 3), ("x", 1)])
def test_what_is_no_toml_is_told_with_its_line(text, line):
    with pytest.raises(UnreadableDocumentError) as caught:
        read_toml(text, ())
    assert caught.value.line == line
    assert caught.value.message.startswith("this is not TOML: ")


SCALARS = st.sampled_from(
    [
        "1",
        "-2.5",
        "true",
        "inf",
        "1979-05-27 07:32:00",
        '"a # ] } , = \\" b"',
        "'c:\\'",
        '"""m\n"x" \\\n  y"""',
        "'''\n'q'\n'''",
        '""',
        "''",
    ]
)
KEYS = st.sampled_from(["a", "b-c", "1", '"x.y"', "'z ]'", '"\\u0041"', "d . e", '""'])


def inside(values):
    lists = st.lists(values, max_size=3).map(lambda items: "[ # c ]\n" + ",\n".join(items) + " ]")
    tables = st.lists(st.tuples(KEYS, values), max_size=2).map(
        lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in dict(pairs).items()) + " }"
    )
    return lists | tables


def all_places(data, place=()):
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        yield (*place, key)
        yield from all_places(value, (*place, key))


@settings(deadline=None)
@given(st.lists(st.tuples(KEYS, st.recursive(SCALARS, inside, max_leaves=6)), max_size=4))
def test_every_key_and_item_has_a_line_on_which_it_begins(pairs):
    text = "[t]\n" + "\n".join(f"k{n}.{key} = {value}" for n, (key, value) in enumerate(pairs)) + "\n"
    try:
        located = read_toml(text, ("t",))
    except UnreadableDocumentError:
        return  # the same key twice in an inline table, or a line break in one
    assert set(located.places) == {(), *all_places(located.data)}
    starts = [text[: text.index(f"\nk{n}.") + 1].count("\n") + 1 for n in range(len(pairs))]
    for n, start in enumerate(starts):
        end = starts[n + 1] if n + 1 < len(starts) else text.count("\n") + 1
        lines = [line for place, line in located.places.items() if place and place[0] == f"k{n}"]
        assert lines[0] == start
        assert all(start <= line < end for line in lines)
