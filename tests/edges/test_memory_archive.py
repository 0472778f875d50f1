"""An export is taken over whole and verified, or not at all, and nothing in it can name a place on disk."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from hashlib import sha256
from pathlib import Path

import pytest

from gatekeeper.edges import memory_archive
from gatekeeper.edges.memory_archive import Memory, Moved, export_memory, import_memory
from gatekeeper.edges.outcomes import Outcomes, digest_of
from gatekeeper.edges.store import every_time, expected_seconds, remember_seconds, remember_workstreams
from gatekeeper.edges.test_map import every_map, keep_map, kept_map, known_trees
from gatekeeper.model.errors import GatekeeperError, UsageError

TEXT = json.dumps({"n": 1})
GOOD = (f"gatekeeper-outcomes/{digest_of('k', TEXT)}", json.dumps({"key": "k", "text": TEXT}).encode())


TREE = "1" * 40


def make(folder: Path) -> Memory:
    folder.mkdir()
    return Memory(folder, Outcomes(folder))


def named(kind: str, document: object) -> tuple[str, bytes]:
    """A member with a right digest, whatever it holds."""
    content = json.dumps(document).encode()
    return f"gatekeeper-{kind}/{sha256(f'gatekeeper.{kind}/1'.encode() + bytes(1) + content).hexdigest()}", content


def is_empty(memory: Memory) -> bool:
    return not (memory.outcomes.size().entries or list(every_map(memory.folder)) or every_time(memory.folder))


MAP = named("tests", {"owner": "\n/p/bin/python", "tree": TREE, "text": "{}"})
TIMES = named("times", {"timing": {"tests.pytest": [1.5]}})


def pack(file: Path, *members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, link: str = "") -> Path:
    """An archive by hand; `kind` is the type of the last member."""
    with tarfile.open(file, "w:gz") as archive:
        for place, (name, content) in enumerate(members):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            if place == len(members) - 1:
                member.type, member.linkname = kind, link
            archive.addfile(member, io.BytesIO(content))
    return file


def test_all_goes_over_in_the_order_of_use(tmp_path: Path) -> None:
    here, there = make(tmp_path / "here"), make(tmp_path / "there")
    for number in range(5):
        here.outcomes.remember([("k", json.dumps({"n": number, "text": "\u00e4\ud7ff"}))])
    file = tmp_path / "memory.tgz"
    assert export_memory(here, file) == Moved(5)
    assert import_memory(there, file) == Moved(5)
    assert list(there.outcomes.everything()) == list(here.outcomes.everything())
    with tarfile.open(file) as archive:
        members = archive.getmembers()
    assert all(m.isreg() and (m.mtime, m.uid, m.uname) == (0, 0, "") for m in members)
    before = file.read_bytes()
    export_memory(there, file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ([("../../etc/cron.d/x", b"{}")], tarfile.REGTYPE),
        ([("/etc/passwd", b"{}")], tarfile.REGTYPE),
        ([GOOD, ("gatekeeper-outcomes/../x", b"{}")], tarfile.REGTYPE),
        ([GOOD, ("gatekeeper-outcomes/" + "0" * 64, GOOD[1])], tarfile.REGTYPE),
        ([GOOD, GOOD], tarfile.SYMTYPE),
        ([GOOD, GOOD], tarfile.LNKTYPE),
        ([GOOD, GOOD], tarfile.DIRTYPE),
        ([(GOOD[0], b"no json")], tarfile.REGTYPE),
        ([(GOOD[0], b"[]")], tarfile.REGTYPE),
        ([(GOOD[0], b'{"key": 1, "text": 2}')], tarfile.REGTYPE),
        ([(GOOD[0], json.dumps({"key": "\ud800", "text": TEXT}).encode())], tarfile.REGTYPE),
        ([(f"gatekeeper-outcomes/{digest_of('k', '[1]')}", b'{"key": "k", "text": "[1]"}')], tarfile.REGTYPE),
        ([GOOD, MAP, TIMES, ("gatekeeper-tests/" + "0" * 64, MAP[1])], tarfile.REGTYPE),
        ([GOOD, MAP, TIMES, (MAP[0], MAP[1][:-1] + b" }")], tarfile.REGTYPE),
        ([GOOD, MAP, TIMES, (MAP[0].replace("tests", "times"), MAP[1])], tarfile.REGTYPE),
        ([GOOD, TIMES, MAP], tarfile.SYMTYPE),
        ([GOOD, ("gatekeeper-tests/../../x", MAP[1])], tarfile.REGTYPE),
        ([GOOD, named("tests", {"owner": "o", "tree": "../x", "text": "{}"})], tarfile.REGTYPE),
        ([GOOD, named("tests", {"owner": 1, "tree": TREE, "text": "{}"})], tarfile.REGTYPE),
        ([GOOD, named("tests", {"owner": "o", "tree": TREE, "text": "\u00e4"})], tarfile.REGTYPE),
        ([GOOD, named("tests", {"owner": "o", "tree": TREE})], tarfile.REGTYPE),
        ([GOOD, named("tests", [])], tarfile.REGTYPE),
        ([GOOD, named("times", [])], tarfile.REGTYPE),
        ([GOOD, named("times", {"timing": [1.0]})], tarfile.REGTYPE),
        ([GOOD, named("times", {"timing": {"x": 1.0}})], tarfile.REGTYPE),
        ([GOOD, named("times", {"timing": {"x": [float("nan")]}})], tarfile.REGTYPE),
        ([GOOD, named("times", {"timing": {"x": [-1.0]}})], tarfile.REGTYPE),
        ([GOOD, named("times", {"timing": {"\ud800": [1.0]}})], tarfile.REGTYPE),
        ([GOOD, named("times", {"timing": {"x": ["1"]}})], tarfile.REGTYPE),
        ([GOOD, named("times", {"timing": {"x": [1.0] * 101}})], tarfile.REGTYPE),
    ],
)
def test_what_is_foreign_or_damaged_is_refused_as_a_whole(
    tmp_path: Path, members: list[tuple[str, bytes]], kind: bytes
) -> None:
    store = make(tmp_path / "store")
    file = pack(tmp_path / "x.tgz", *members, kind=kind, link="/etc/passwd")
    with pytest.raises(UsageError, match="nothing of it was taken over"):
        import_memory(store, file)
    assert is_empty(store)


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no tar" * 200, mtime=0)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(UsageError):
        import_memory(make(tmp_path / "store"), tmp_path / "x")


def test_what_is_known_of_tests_and_times_goes_over(tmp_path: Path) -> None:
    here, there = make(tmp_path / "here"), make(tmp_path / "there")
    for number in range(3):
        assert keep_map(here.folder, "\n/p/bin/python", f"{number}" * 40, f"map {number}") == ""
    keep_map(here.folder, "sub\udcff\n/p/bin/python", TREE, "other")
    remember_seconds(here.folder, [("a", 1.0), ("a", 3.0), ("b", 2.0)])
    remember_workstreams(here.folder, [("w", 9.0)])
    remember_seconds(there.folder, [("b", 5.0)])
    file = tmp_path / "memory.tgz"
    assert export_memory(here, file) == Moved(0, 4, 3)
    assert import_memory(there, file) == Moved(0, 4, 2)
    assert known_trees(there.folder, "\n/p/bin/python") == known_trees(here.folder, "\n/p/bin/python")
    assert kept_map(there.folder, "\n/p/bin/python", "2" * 40) == "map 2"
    assert kept_map(there.folder, "sub\udcff\n/p/bin/python", TREE) == "other"
    assert expected_seconds(there.folder) == {"a": 2.0, "b": 5.0}, "what this machine measured itself holds"
    assert every_time(there.folder)["workstream"] == {"w": (9.0,)}
    assert list(every_map(there.folder)) == list(every_map(here.folder))


def test_an_export_from_before_there_were_maps_in_it_is_taken_over(tmp_path: Path) -> None:
    store = make(tmp_path / "store")
    assert import_memory(store, pack(tmp_path / "x.tgz", GOOD)) == Moved(1)
    assert [entry.text for entry in store.outcomes.everything()] == [TEXT]


def test_a_small_export_has_what_was_of_use_last(tmp_path: Path) -> None:
    here, there = make(tmp_path / "here"), make(tmp_path / "there")
    for number in range(40):
        noise = os.urandom(100_000).hex()
        here.outcomes.remember([(f"k{number}", json.dumps({"noise": noise}))])
    file = tmp_path / "memory.tgz"
    moved = export_memory(here, file, 1 << 20)
    assert 5 < moved.outcomes < 20
    assert file.stat().st_size < 2 << 20
    assert import_memory(there, file) == moved
    assert [entry.key for entry in there.outcomes.everything()] == [f"k{39 - n}" for n in range(moved.outcomes)]


def test_more_maps_than_anybody_keeps_are_refused(tmp_path: Path) -> None:
    store = make(tmp_path / "store")
    maps = [named("tests", {"owner": f"{n}", "tree": TREE, "text": "{}"}) for n in range(300)]
    with pytest.raises(UsageError, match="too large"):
        import_memory(store, pack(tmp_path / "x.tgz", *maps))
    assert is_empty(store)


def test_half_of_an_archive_is_refused(tmp_path: Path) -> None:
    here, store = make(tmp_path / "here"), make(tmp_path / "store")
    here.outcomes.remember([(f"k{number}", json.dumps({"n": number})) for number in range(50)])
    export_memory(here, tmp_path / "x")
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError):
        import_memory(store, tmp_path / "x")
    assert is_empty(store)


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_archive, "_LARGEST", 1 << 16)
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 24
    (tmp_path / "x").write_bytes(gzip.compress(header.tobuf() + bytes(1 << 24)))
    with pytest.raises(UsageError, match="too large"):
        import_memory(make(tmp_path / "store"), tmp_path / "x")


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    store = make(tmp_path / "store")
    with pytest.raises(UsageError, match="cannot be read"):
        import_memory(store, tmp_path / "missing")
    (tmp_path / "prose").write_text("# not packed at all")
    with pytest.raises(UsageError, match=r"prose is no export of Gatekeeper's memory.*: it is not packed with gzip$"):
        import_memory(store, tmp_path / "prose")
    with pytest.raises(GatekeeperError, match="cannot be written"):
        export_memory(store, tmp_path / "missing" / "x")
