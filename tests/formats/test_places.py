from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.places import path_of_uri, placed


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("src/a.ts", "src/a.ts"),
        ("./src/a.ts", "src/a.ts"),
        ("src/../a.ts", "a.ts"),
        ("/r/p/src/a.ts", "src/a.ts"),
        ("//r/p/a.ts", "a.ts"),
        ("/r/p/./x//a.ts", "x/a.ts"),
        ("/r/pp/a.ts", "/r/pp/a.ts"),
        ("../q/a.ts", "/r/q/a.ts"),
        ("../../../../etc/passwd", "/etc/passwd"),
        ("/etc/passwd", "/etc/passwd"),
        ("", ""),
    ],
)
def test_placed(path: str, where: str) -> None:
    assert placed(path, "/r/p") == where
    assert placed(path, "/r/p/") == where


def test_the_root_of_the_machine_is_a_folder_too() -> None:
    assert placed("/a/b", "/") == "a/b"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("src/a%20b.ts", "src/a b.ts"),
        ("file:///r/a%23.ts", "/r/a#.ts"),
        ("file:/r/a.ts", "/r/a.ts"),
        ("file://host/r/a.ts", "/r/a.ts"),
        ("FILE:///r/a.ts", "/r/a.ts"),
        ("a%FFb", "a\udcffb"),
        ("a#b.ts", "a#b.ts"),
        ("%C3%A9.py", "é.py"),
    ],
)
def test_path_of_uri(uri: str, path: str) -> None:
    assert path_of_uri(uri) == path


@pytest.mark.parametrize("uri", ["https://example.org/src/a.ts", "C:/src/a.ts", "urn:a"])
def test_what_is_no_file_of_the_project_lies_outside(uri: str) -> None:
    assert placed(path_of_uri(uri), "/r/p").startswith("/")


@given(st.text(), st.sampled_from(["/", "/r", "/r/p"]))
def test_nothing_inside_climbs_out(path: str, root: str) -> None:
    where = placed(path, root)
    assert where.startswith("/") or ".." not in where.split("/")
