"""What YAML is read as, and on which line each key stands."""

from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.located import UNUSABLE, UnreadableDocumentError
from gatekeeper.formats.yaml_places import read_yaml


def test_every_key_and_item_has_its_line():
    located = read_yaml("# head\na:\n  b: 1\n  c: [x,\n      y]\nd: &d\n  - {e: 1}\n  -\n    f: 2\ng: *d\n")
    assert located.data == {"a": {"b": 1, "c": ["x", "y"]}, "d": [{"e": 1}, {"f": 2}], "g": [{"e": 1}, {"f": 2}]}
    assert located.places == {
        (): 2,
        ("a",): 2,
        ("a", "b"): 3,
        ("a", "c"): 4,
        ("a", "c", 0): 4,
        ("a", "c", 1): 5,
        ("d",): 6,
        ("d", 0): 7,
        ("d", 0, "e"): 7,
        ("d", 1): 9,
        ("d", 1, "f"): 9,
        ("g",): 10,
        ("g", 0): 7,
        ("g", 0, "e"): 7,
        ("g", 1): 9,
        ("g", 1, "f"): 9,
    }
    assert located.problems == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", True),
        ("off", False),
        ("~", None),
        ("", None),
        ("0x10", 16),
        ("1_000", 1000),
        ("3.0", 3.0),
        ("2024-01-01", "2024-01-01"),
        ("2024-01-01 10:00:00", "2024-01-01 10:00:00"),
        ("'off'", "off"),
        ("!!str 3", "3"),
        ("=", "="),
        ("|\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_scalars(text, value):
    located = read_yaml(f"k: {text}")
    assert located.data == {"k": value}
    assert type(located.data["k"]) is type(value)


@pytest.mark.parametrize(
    "tag", ["!!python/name:os.system", "!!binary", "!!set", "!!omap", "!!timestamp", "!own", "!!int"]
)
def test_a_tag_constructs_nothing(tag):
    for node in ("[a]", "{a: b}"):
        located = read_yaml(f"k: {tag} {node}")
        assert located.data == {"k": UNUSABLE}
        assert [line for line, _ in located.problems] == [1]


def test_merged_keys_are_those_of_pyyaml():
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}\nd: {<<: {<<: *b, x: 5}, y: 9}\n"
    assert read_yaml(text).data == yaml.safe_load(text)
    assert read_yaml("a: {<<: 3}").problems == ((1, "`<<` takes a mapping, such as `<<: *name`"),)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 20_000,
        "- " * 50_000,
        "a: &a [*a, *a]\n",
        "\n".join(["a0: &a0 {k: v}"] + [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]),
        "\n".join(["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]),
        "".join(f"k{n}: v\n" for n in range(21_000)),
    ],
)  # fmt: skip
def test_what_is_too_much_is_refused_soon(text):
    started = time.process_time()
    with pytest.raises(UnreadableDocumentError):
        read_yaml(text)
    assert time.process_time() - started < 20


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1, max_size=5), DATA, max_size=4), st.booleans())
def test_what_pyyaml_writes_is_read_the_same(data, flow):
    located = read_yaml(yaml.safe_dump(data, default_flow_style=flow))
    assert located.data == (data or {})
    assert located.problems == ()


@settings(deadline=None)
@given(
    st.text(max_size=60) | st.lists(st.sampled_from(list("a:-[]{}&*!|>'\"%@`#?,<~ \n\t0.")), max_size=30).map("".join)
)
def test_any_text_is_read_or_refused(text):
    try:
        read_yaml(text)
    except UnreadableDocumentError as trouble:
        assert trouble.message
