"""What `git cat-file --batch` prints is read object by object."""

from __future__ import annotations

from io import BytesIO

import pytest

from gatekeeper.formats.cat_file import read_objects

BLOB = b"1111 blob 4\na\nbc\n"
TREE = b"2222 tree 2\nxy\n"
MISSING = b"3333 missing\n"


def test_blobs_are_read_and_everything_else_is_a_gap() -> None:
    assert read_objects(BytesIO(BLOB + TREE + MISSING + BLOB), 4, 10) == ([b"a\nbc", None, None, b"a\nbc"], False)


def test_a_large_object_ends_the_reading() -> None:
    assert read_objects(BytesIO(TREE + BLOB), 2, 3) == ([None], True)


@pytest.mark.parametrize("text", [b"", b"1111 blob", BLOB[:-1], BLOB[:-3]])
def test_an_output_that_ends_too_early_is_no_empty_file(text: bytes) -> None:
    with pytest.raises(EOFError):
        read_objects(BytesIO(text), 1, 10)
