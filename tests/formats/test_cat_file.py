"""What `git cat-file --batch` prints is read object by object."""

from __future__ import annotations

from hashlib import sha1, sha256
from io import BytesIO

import pytest

from gatekeeper.formats.cat_file import DamagedObject, read_objects

BLOB = sha1(b"blob 4\0a\nbc", usedforsecurity=False).hexdigest().encode() + b" blob 4\na\nbc\n"
TREE = sha256(b"tree 2\0xy").hexdigest().encode() + b" tree 2\nxy\n"
MISSING = b"3333 missing\n"


def test_blobs_are_read_and_everything_else_is_a_gap() -> None:
    assert read_objects(BytesIO(BLOB + TREE + MISSING + BLOB), 4, 10) == ([b"a\nbc", None, None, b"a\nbc"], False)


def test_a_large_object_ends_the_reading() -> None:
    assert read_objects(BytesIO(TREE + BLOB), 2, 3) == ([None], True)


@pytest.mark.parametrize("text", [b"", b"1111 blob"])
def test_an_output_that_ends_too_early_is_no_empty_file(text: bytes) -> None:
    with pytest.raises(EOFError):
        read_objects(BytesIO(text), 1, 10)


@pytest.mark.parametrize("text", [BLOB[:-1], BLOB[:-3], BLOB.replace(b"bc", b"bd"), TREE.replace(b"tree", b"blob")])
def test_bytes_that_are_not_those_of_the_object_are_refused(text: bytes) -> None:
    with pytest.raises(DamagedObject):
        read_objects(BytesIO(text + BLOB), 1, 10)


def test_what_comes_next_does_not_pass_for_the_rest_of_an_object_that_is_too_short() -> None:
    damaged = b"1" * 40 + b" blob %d\nshort\n" % (len("short\n") + len(BLOB) - 1)
    with pytest.raises(DamagedObject, match="1" * 40):
        read_objects(BytesIO(damaged + BLOB), 2, 1000)
