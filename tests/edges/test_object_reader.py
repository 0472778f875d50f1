"""Objects are read through one Git that stays, whatever happens to it."""

from __future__ import annotations

import gc
import os
import signal
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from gatekeeper.edges import git_program
from gatekeeper.edges.git import GitError, Repository
from tests.repository import GitRepository

Started = Callable[[], list[int]]


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    """Tells the processes that were started to read objects, by what Git itself notes."""
    notes = tmp_path / "notes"
    monkeypatch.setenv("GIT_TRACE2_EVENT", str(notes))

    def found() -> list[int]:
        lines = notes.read_text().splitlines() if notes.exists() else []
        ids = [
            line.split('"sid":"')[1].split('"')[0] for line in lines if '"event":"start"' in line and "cat-file" in line
        ]
        return [int(one.rpartition("-P")[2], 16) for one in ids]

    return found


def _ids(repository: GitRepository, count: int) -> tuple[Repository, dict[str, bytes]]:
    repository.commit({f"{number}.txt": f"text {number}\n" for number in range(count)})
    edge = repository.edge
    return edge, {object_id: f"text {path[:-4]}\n".encode() for path, object_id in edge.objects("HEAD").items()}


def _wait_until_gone(process: int) -> None:
    for _ in range(200):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    pytest.fail(f"process {process} is still there")


def test_one_git_answers_many_questions(repository: GitRepository, started: Started) -> None:
    edge, texts = _ids(repository, 130)
    assert edge.contents(texts) == list(texts.values())
    for object_id, text in texts.items():
        assert edge.contents([object_id, "0" * 40]) == [text, None]
    assert len(started()) == 1


def test_what_is_written_later_is_found(repository: GitRepository) -> None:
    edge, _ = _ids(repository, 1)
    later = repository.write("later", "more\n")
    wanted = repository.git("hash-object", str(later))
    assert edge.contents([wanted]) == [None]
    repository.git("add", "later")
    assert edge.contents([wanted]) == [b"more\n"]


def test_thousands_of_ids_and_large_answers_do_not_wait_for_one_another(repository: GitRepository) -> None:
    repository.commit({"large": "x" * 300_000})
    edge = repository.edge
    (wanted,) = edge.objects("HEAD").values()
    found = edge.contents([wanted, "0" * 40] * 3000)
    assert found[::2] == [b"x" * 300_000] * 3000
    assert set(found[1::2]) == {None}


def test_a_git_that_complains_all_the_time_goes_on_answering(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch, started: Started
) -> None:
    edge, texts = _ids(repository, 40)
    repository.git("repack", "-adq")
    monkeypatch.setenv("GIT_TRACE_PACK_ACCESS", "1")  # as each fetch of a partial clone says something by its own
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(lambda: [edge.contents(texts) for _ in range(60)])
        try:
            assert asked.result(20) == [list(texts.values())] * 60
        finally:
            for process in started():  # else nobody would ever come back
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)


def test_after_an_object_that_is_too_large_the_next_question_is_answered(
    repository: GitRepository, started: Started
) -> None:
    repository.commit({"large": "x" * 500_000, "small": "1"})
    edge = repository.edge
    objects = edge.objects("HEAD")
    for _ in range(3):
        assert edge.contents([objects["large"], objects["small"]], limit=1000) == [None, b"1"]
    _wait_until_gone(started()[0])


def test_in_the_place_of_a_git_that_was_killed_another_one_answers(repository: GitRepository, started: Started) -> None:
    edge, texts = _ids(repository, 3)
    edge.contents(texts)
    (process,) = started()
    os.kill(process, signal.SIGKILL)
    assert edge.contents(texts) == list(texts.values())
    assert len(started()) == 2


def test_an_object_of_which_git_prints_too_little_is_an_error_each_time(
    repository: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_program, "SILENCE", 0.3)
    edge, texts = _ids(repository, 2)
    broken, whole = texts
    file = repository.path / ".git" / "objects" / broken[:2] / broken[2:]
    file.chmod(0o600)
    file.write_bytes(zlib.compress(b"blob 900\0too short"))
    for _ in range(2):
        assert edge.contents([whole]) == [texts[whole]]
        for wanted in ([broken], [whole, broken], [broken, whole]):
            with pytest.raises(GitError, match=f"did not print the whole of object {broken}"):
                edge.contents(wanted)


def test_threads_get_their_own_answers(repository: GitRepository, started: Started) -> None:
    edge, texts = _ids(repository, 60)
    edge.contents(list(texts)[:1])

    def ask(offset: int) -> bool:
        wanted = [*list(texts)[offset:], *list(texts)[:offset]]
        return edge.contents(wanted) == [texts[each] for each in wanted]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(60)))
    assert len(started()) == 1


def test_it_ends_with_whoever_asked(repository: GitRepository, started: Started) -> None:
    edge, texts = _ids(repository, 1)
    assert edge.contents(texts) == list(texts.values())
    (process,) = started()
    os.kill(process, 0)
    del edge
    gc.collect()
    _wait_until_gone(process)
