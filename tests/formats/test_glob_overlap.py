"""Patterns that can meet are found, and the path that is named is one of both."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gatekeeper.formats.glob_overlap import common_path
from gatekeeper.formats.globs import matches

MEET = [
    ("src/**", "src/api/**"),
    ("src/api", "src/api/users.py"),
    ("*.py", "src/**"),
    ("src/*/models.py", "src/api/*"),
    ("src/{api,web}/**", "src/web/page.py"),
    ("**/users.py", "src/**"),
    ("src/[a-c]*.py", "src/*[x-z].py"),
    ("README.md", "*.md"),
    ("docs/", "docs/**"),
    ("docs/", "documents/"),  # one may lie in the other
    ("a/**/b", "a/b"),
    ("*", "**"),
    ("src/**", "**"),
]
APART = [
    ("src/api/**", "src/web/**"),
    ("src/*.py", "src/*.js"),
    ("src/*.py", "tests/**"),
    ("src/[a-c]?.py", "src/[d-f]?.py"),
    ("/docs/", "/documents/"),
    ("/README.md", "docs/**"),
    ("src/api.py", "src/api_v2.py"),
    ("src/{api,web}/**", "src/cli/**"),
]


@pytest.mark.parametrize(("one", "other"), MEET)
def test_what_meets(one, other):
    for first, second in ((one, other), (other, one)):
        path = common_path([first], [second])
        assert matches(path, [first]) and matches(path, [second])


@pytest.mark.parametrize(("one", "other"), APART)
def test_what_stays_apart(one, other):
    assert common_path([one], [other]) == common_path([other], [one]) == ""


def test_what_is_taken_away_does_not_meet():
    assert common_path(["src/**", "!src/api/**"], ["src/api/**"]) == ""
    assert common_path(["src/**", "!src/api/**"], ["src/web/**"])


SEGMENT = st.lists(st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]", "{a,b}"]), min_size=1, max_size=3).map("".join)
PATTERN = st.lists(SEGMENT | st.sampled_from(["**", "***"]), min_size=1, max_size=3).map("/".join) | SEGMENT.map(
    lambda s: s + "/"
)
PATH = st.lists(st.text("abx", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@settings(max_examples=400, deadline=None)
@given(PATTERN, PATTERN, st.lists(PATH, min_size=1, max_size=12))
@example("a/**", "**/b", ["a/b"])
@example("**", "***", ["a"])
def test_none_is_missed_and_none_is_made_up(one, other, paths):
    found = common_path([one], [other])
    if found:
        assert matches(found, [one]) and matches(found, [other])
    else:
        assert not any(matches(path, [one]) and matches(path, [other]) for path in paths)
