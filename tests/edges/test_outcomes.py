"""The store of what programs found out: bounded, verified when it is read, and never a reason to fail."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.edges.outcomes import Outcomes, Size, digest_of

TEXT = json.dumps({"answer": 1})


def stored(folder: Path) -> Path:
    return folder / "outcomes.sqlite3"


def change(folder: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(stored(folder)) as database:
        database.execute(statement, values)
    database.close()


def texts(store: Outcomes, key: str = "k") -> list[str]:
    return [entry.text for entry in store.recall(key)]


def test_what_is_remembered_is_recalled_under_its_key_alone(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    assert store.recall("k") == ()
    assert store.remember([("k", TEXT)]) == 1
    (entry,) = Outcomes(tmp_path).recall("k")
    assert (entry.key, entry.text, entry.digest) == ("k", TEXT, digest_of("k", TEXT))
    assert store.recall("other") == ()
    assert store.size().entries == 1


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"))))
def test_every_text_comes_back(tmp_path_factory: pytest.TempPathFactory, content: dict[str, str]) -> None:
    store = Outcomes(tmp_path_factory.mktemp("store"))
    text = json.dumps(content, ensure_ascii=False)
    store.remember([("k", text)])
    assert texts(store) == [text]


def test_the_last_used_comes_first_and_a_key_holds_only_a_few(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    for number in range(12):
        store.remember([("k", json.dumps({"n": number}))])
    found = store.recall("k")
    assert [json.loads(entry.text)["n"] for entry in found] == [11, 10, 9, 8, 7, 6, 5, 4]
    store.touch(found[-1].digest)
    assert json.loads(texts(store)[0])["n"] == 4


@pytest.mark.parametrize(
    ("statement", "value"),
    [
        ("UPDATE outcome SET body = ?", b"no zlib"),
        ("UPDATE outcome SET body = ?", zlib.compress(b'{"answer": 2}')),
        ("UPDATE outcome SET body = ?", zlib.compress(b"\xff")),
        ("UPDATE outcome SET body = ?", "a text"),
        ("UPDATE outcome SET digest = ?", "0" * 64),
        ("UPDATE outcome SET key = 'k2', digest = ?", digest_of("k", TEXT)),
    ],
)
def test_a_damaged_entry_is_none(tmp_path: Path, statement: str, value: object) -> None:
    store = Outcomes(tmp_path)
    store.remember([("k", TEXT)])
    change(tmp_path, statement, value)
    assert (*store.recall("k"), *store.recall("k2")) == ()
    assert list(store.everything()) == []


def test_what_is_no_object_is_none(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    store.remember([("k", "[1]"), ("k", "{")])
    assert store.recall("k") == ()


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    stored(tmp_path).write_bytes(content)
    store = Outcomes(tmp_path)
    assert store.recall("k") == ()
    assert store.size() == Size(0, 0)
    assert store.remember([("k", TEXT)]) == 1
    assert texts(store) == [TEXT]


def test_any_damage_to_the_file_is_a_miss_and_never_another_answer(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    known = {json.dumps({"n": number, "more": "x" * 500}) for number in range(8)}
    store.remember([("k", text) for text in known])
    whole = stored(tmp_path).read_bytes()
    for place in range(0, len(whole), 97):
        stored(tmp_path).write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        assert set(texts(store)) <= known
    for length in range(0, len(whole), 1024):
        stored(tmp_path).write_bytes(whole[:length])
        assert set(texts(store)) <= known


def test_a_file_of_another_version_is_not_read_and_begun_anew(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    store.remember([("k", TEXT)])
    change(tmp_path, "PRAGMA user_version = 7")
    assert store.recall("k") == ()
    store.remember([("other", TEXT)])
    assert (texts(store), texts(store, "other")) == ([], [TEXT])


def test_what_was_longest_of_no_use_is_forgotten(tmp_path: Path) -> None:
    store = Outcomes(tmp_path, limit=20_000)
    for number in range(40):
        store.remember([(f"k{number}", json.dumps({"n": os.urandom(500).hex()}))])
        store.touch(next(iter(store.recall("k0"))).digest)
    size = store.size()
    assert 0 < size.bytes <= 20_000
    assert texts(store, "k0")
    assert texts(store, "k39")
    assert not texts(store, "k1")


def test_prune_and_clear(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    store.remember([(f"k{number}", json.dumps({"n": os.urandom(2000).hex()})) for number in range(30)])
    before, file = store.size(), stored(tmp_path).stat().st_size
    gone = store.prune(before.bytes // 3)
    assert store.size() == Size(before.entries - gone.entries, before.bytes - gone.bytes)
    assert store.size().bytes <= before.bytes // 3
    assert stored(tmp_path).stat().st_size < file
    store.clear()
    assert not list(tmp_path.iterdir())
    assert store.size() == Size(0, 0)


def test_no_room_means_no_memory(tmp_path: Path) -> None:
    store = Outcomes(tmp_path, limit=0)
    assert store.remember([("k", TEXT)]) == 0
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "outcomes.sqlite3").mkdir()
    store = Outcomes(tmp_path)
    assert store.remember([("k", TEXT)]) == 0
    assert store.recall("k") == ()
    store.touch("x")
    missing = Outcomes(tmp_path / "missing")
    assert missing.remember([("k", TEXT)]) == 0
    assert missing.recall("k") == ()


def test_a_disk_without_room_is_no_reason_to_fail(tmp_path: Path) -> None:
    store = Outcomes(Path("/dev/full"))
    assert store.remember([("k", TEXT)]) == 0
    assert store.recall("k") == ()


def test_many_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    def work(name: str) -> None:
        store = Outcomes(tmp_path)
        for number in range(5):
            store.remember([(f"{name}{number}", TEXT)])
            store.recall(f"{name}{number}")

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Outcomes(tmp_path).size().entries == 20
