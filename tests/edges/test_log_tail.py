"""A log that grows while it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.edges import log_tail
from gatekeeper.edges.log_tail import LogTail


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def add(log: Path, data: bytes) -> None:
    with log.open("ab") as file:
        file.write(data)


def test_a_line_is_read_when_its_end_has_come(log: Path) -> None:
    tail = LogTail(log)
    assert tail.read() == []
    add(log, b"one\ntw")
    assert tail.read() == ["one"]
    assert tail.read() == []
    add(log, b"o\n\nthree\n")
    assert tail.read() == ["two", "", "three"]
    assert tail.read() == []


def test_every_byte_is_read_once_wherever_a_chunk_ends(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_tail, "_CHUNK", 5)
    lines = [f"line {number} ü" for number in range(40)]
    add(log, "".join(f"{line}\n" for line in lines).encode())
    tail, found = LogTail(log), []
    while more := tail.read():
        found += more
    assert found == lines


def test_bytes_that_are_no_text_are_replaced(log: Path) -> None:
    add(log, b"\xff\xfe\n")
    assert LogTail(log).read() == ["\ufffd\ufffd"]


@pytest.mark.parametrize("chunk", [3, 8, 1000])
def test_a_line_without_end_is_not_kept(log: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(log_tail, "_CHUNK", chunk)
    monkeypatch.setattr(log_tail, "_LONGEST", 20)
    tail = LogTail(log)
    add(log, b"one\n")
    assert tail.read() == ["one"]
    for _ in range(10):
        add(log, b"x" * 50)
        assert tail.read() == []
        assert len(tail._partial) <= 20
    add(log, b"x\ntwo\nthr")
    assert tail.read() == ["two"]
    add(log, b"ee\n")
    assert tail.read() == ["three"]


def test_a_log_that_became_shorter_is_read_afresh(log: Path) -> None:
    tail = LogTail(log)
    add(log, b"one\ntwo\nthr")
    assert tail.read() == ["one", "two"]
    log.write_bytes(b"new\n")
    assert tail.read() == ["new"]
