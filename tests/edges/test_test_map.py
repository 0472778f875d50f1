"""What is known of tests is kept, bounded, and believed only as it was written."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gatekeeper.edges.test_map import KEPT, keep_map, kept_map, known_trees


def test_what_was_kept_is_found_by_owner_and_tree(tmp_path: Path) -> None:
    assert kept_map(tmp_path, "a", "1") is None
    assert known_trees(tmp_path, "a") == ()
    assert keep_map(tmp_path, "a", "1", "one") == ""
    assert keep_map(tmp_path, "a\udcff", "1", "other") == ""
    assert keep_map(tmp_path, "a", "1", "two") == ""
    assert (kept_map(tmp_path, "a", "1"), kept_map(tmp_path, "a\udcff", "1")) == ("two", "other")
    assert kept_map(tmp_path, "a", "2") is None


def test_the_oldest_are_forgotten(tmp_path: Path) -> None:
    for number in range(KEPT + 3):
        keep_map(tmp_path, "a", str(number), "x")
    assert known_trees(tmp_path, "a") == tuple(str(number) for number in range(KEPT + 2, 2, -1))


@pytest.mark.parametrize("statement", ["UPDATE maps SET packed = x'00'", "UPDATE maps SET tree = '2'", "UPDATE maps SET owner = 'b'", "UPDATE maps SET packed = 'text'"])  # fmt: skip
def test_a_row_that_is_not_as_it_was_written_is_a_miss(tmp_path: Path, statement: str) -> None:
    keep_map(tmp_path, "a", "1", "one")
    with sqlite3.connect(tmp_path / "tests.sqlite3") as database:
        database.execute(statement)
    database.close()
    assert [kept_map(tmp_path, owner, tree) for owner in "ab" for tree in "12"] == [None] * 4


@pytest.mark.parametrize("content", [b"", b"no database" * 100, "foreign", "cut"])
def test_a_damaged_or_foreign_file_is_begun_anew(tmp_path: Path, content: bytes | str) -> None:
    file = tmp_path / "tests.sqlite3"
    if content == "cut":
        keep_map(tmp_path, "a", "1", "one" * 9999)
        file.write_bytes(file.read_bytes()[:5000])
    elif content == "foreign":
        with sqlite3.connect(file) as database:
            database.execute("CREATE TABLE maps (owner, tree, digest, packed)")
        database.close()
    else:
        file.write_bytes(content)  # type: ignore[arg-type]
    assert kept_map(tmp_path, "a", "1") is None
    assert keep_map(tmp_path, "a", "1", "one") == ""
    assert kept_map(tmp_path, "a", "1") == "one"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    assert "could not be kept" in keep_map(tmp_path / "none", "a", "1", "one")


def test_a_text_may_come_in_pieces(tmp_path: Path) -> None:
    text = "".join(f'["{number}",{number * number}],' for number in range(9999))
    pieces = (text[at : at + 777] for at in range(0, len(text), 777))
    assert keep_map(tmp_path, "a", "1", pieces) == keep_map(tmp_path, "b", "1", text) == ""
    assert kept_map(tmp_path, "a", "1") == kept_map(tmp_path, "b", "1") == text


def test_pieces_are_kept_also_where_the_file_was_damaged(tmp_path: Path) -> None:
    (tmp_path / "tests.sqlite3").write_bytes(b"no database" * 100)
    assert keep_map(tmp_path, "a", "1", iter(("o", "ne"))) == ""
    assert kept_map(tmp_path, "a", "1") == "one"
