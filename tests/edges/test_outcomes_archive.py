"""An export is taken over whole and verified, or not at all, and nothing in it can name a place on disk."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest

from gatekeeper.edges import outcomes_archive
from gatekeeper.edges.outcomes import Outcomes, digest_of
from gatekeeper.edges.outcomes_archive import export_outcomes, import_outcomes
from gatekeeper.model.errors import GatekeeperError, UsageError

TEXT = json.dumps({"n": 1})
GOOD = (f"gatekeeper-outcomes/{digest_of('k', TEXT)}", json.dumps({"key": "k", "text": TEXT}).encode())


def make(folder: Path) -> Outcomes:
    folder.mkdir()
    return Outcomes(folder)


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
        here.remember([("k", json.dumps({"n": number, "text": "\u00e4\ud7ff"}))])
    file = tmp_path / "memory.tgz"
    assert export_outcomes(here, file) == 5
    assert import_outcomes(there, file) == 5
    assert list(there.everything()) == list(here.everything())
    with tarfile.open(file) as archive:
        members = archive.getmembers()
    assert all(m.isreg() and (m.mtime, m.uid, m.uname) == (0, 0, "") for m in members)
    before = file.read_bytes()
    export_outcomes(there, file)
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
    ],
)
def test_what_is_foreign_or_damaged_is_refused_as_a_whole(
    tmp_path: Path, members: list[tuple[str, bytes]], kind: bytes
) -> None:
    store = make(tmp_path / "store")
    file = pack(tmp_path / "x.tgz", *members, kind=kind, link="/etc/passwd")
    with pytest.raises(UsageError, match="nothing of it was taken over"):
        import_outcomes(store, file)
    assert store.size().entries == 0


@pytest.mark.parametrize("content", [b"", b"no archive", gzip.compress(b"no tar" * 200, mtime=0)])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(UsageError):
        import_outcomes(make(tmp_path / "store"), tmp_path / "x")


def test_half_of_an_archive_is_refused(tmp_path: Path) -> None:
    here, store = make(tmp_path / "here"), make(tmp_path / "store")
    here.remember([(f"k{number}", json.dumps({"n": number})) for number in range(50)])
    export_outcomes(here, tmp_path / "x")
    whole = (tmp_path / "x").read_bytes()
    (tmp_path / "x").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UsageError):
        import_outcomes(store, tmp_path / "x")
    assert store.size().entries == 0


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes_archive, "_LARGEST", 1 << 16)
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 24
    (tmp_path / "x").write_bytes(gzip.compress(header.tobuf() + bytes(1 << 24)))
    with pytest.raises(UsageError, match="too large"):
        import_outcomes(make(tmp_path / "store"), tmp_path / "x")


def test_what_cannot_be_read_or_written_is_said(tmp_path: Path) -> None:
    store = make(tmp_path / "store")
    with pytest.raises(UsageError, match="cannot be read"):
        import_outcomes(store, tmp_path / "missing")
    (tmp_path / "prose").write_text("# not packed at all")
    with pytest.raises(UsageError, match=r"prose is no export of Gatekeeper's memory.*: it is not packed with gzip$"):
        import_outcomes(store, tmp_path / "prose")
    with pytest.raises(GatekeeperError, match="cannot be written"):
        export_outcomes(store, tmp_path / "missing" / "x")
