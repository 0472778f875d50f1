"""The agent that remembers lays out what is known, and keeps what a program leaves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from gatekeeper.agents.local import LocalAgent
from gatekeeper.agents.remembering import RememberingAgent
from gatekeeper.edges.outcomes import Outcomes
from gatekeeper.model.job import Basis, Job, Memory, Outcome

SHOW = "import pathlib, sys; sys.stdout.write(pathlib.Path('known').read_text())"


def done(folder: Path, code: str, store: Outcomes, afresh: bool = False) -> Outcome:
    """What is seen of a program with a memory."""
    memory = Memory("k", str(folder / "known"), str(folder / "made"))
    job = Job("a", "g", "label", (sys.executable, "-c", code), str(folder), 60, memories=(memory,))
    return RememberingAgent(LocalAgent(0.0), store, afresh).run(job, lambda said: None)


def leaving(text: str) -> str:
    return f"import pathlib; pathlib.Path('made').write_text({text!r})"


def test_what_a_program_leaves_is_laid_before_the_next(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    assert done(tmp_path, SHOW, store).stdout == "[]"
    done(tmp_path, leaving('{"a": 1}'), store)
    done(tmp_path, leaving('{"b": 1}'), store)
    assert done(tmp_path, SHOW, store).stdout == '[{"b": 1},{"a": 1}]'
    assert done(tmp_path, leaving('{"used": 1}'), store).ran
    assert done(tmp_path, SHOW, store).stdout == '[{"a": 1},{"b": 1}]'


def test_a_look_afresh_is_told_nothing_and_still_kept(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    done(tmp_path, leaving('{"a": 1}'), store)
    assert done(tmp_path, SHOW, store, afresh=True).stdout == "[]"
    done(tmp_path, leaving('{"b": 1}'), store, afresh=True)
    assert store.size().entries == 2


@pytest.mark.parametrize("text", ["", "[]", "no json", '{"used": 5}', '{"used": -1}', '{"used": "x"}', "[" * 100_000])
def test_what_makes_no_sense_is_not_kept(tmp_path: Path, text: str) -> None:
    store = Outcomes(tmp_path)
    assert done(tmp_path, leaving(text), store).ran
    assert store.size().entries == 0


def test_of_a_program_that_failed_nothing_is_kept(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    assert not done(tmp_path, leaving('{"a": 1}') + "; raise SystemExit(3)", store).ran
    assert store.size().entries == 0


def test_a_link_in_place_of_what_was_left_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(json.dumps({"a": 1}))
    store = Outcomes(tmp_path)
    assert done(tmp_path, "import os; os.symlink('elsewhere', 'made')", store).ran
    assert store.size().entries == 0


def test_a_folder_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "known").mkdir()
    assert done(tmp_path, "pass", Outcomes(tmp_path)).ran


def counted(folder: Path, store: Outcomes, code: str = "", afresh: bool = False) -> Outcome:
    """What is seen of a program that stands on a folder; it writes a line each time it is started."""
    basis = Basis("asked", (sys.executable,), (str(folder),))
    count = "import pathlib; open('starts', 'a').write('x'); print('said'); pathlib.Path('out').write_text('told');"
    outputs = (str(folder / "out"), str(folder / "none"))
    job = Job("a", "g", "label", (sys.executable, "-c", count + code), str(folder), 60, outputs=outputs, basis=basis)
    return RememberingAgent(LocalAgent(0.0), store, afresh).run(job, lambda said: None)


def starts(folder: Path) -> int:
    return len((folder / "starts").read_text())


def test_an_outcome_that_stands_on_the_same_is_that_of_the_earlier_run(tmp_path: Path) -> None:
    store = Outcomes(tmp_path / "store")
    (tmp_path / "store").mkdir()
    first, second = counted(tmp_path, store), counted(tmp_path, store)
    assert starts(tmp_path) == 1
    assert (first.remembered, second.remembered) == (False, True)
    assert (second.exit_code, second.stdout, second.files) == (first.exit_code, first.stdout, first.files)
    assert second.files == {str(tmp_path / "out"): "told"}
    assert (second.ran, second.seconds, second.cpu_seconds) == (True, 0, 0)


def test_a_look_afresh_starts_the_program(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    for _ in range(2):
        assert not counted(tmp_path, store, afresh=True).remembered
    assert counted(tmp_path, store).remembered
    assert starts(tmp_path) == 2


def test_it_is_started_where_something_of_it_changed(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    counted(tmp_path, store)
    (tmp_path / "fast.so").write_text("built")
    assert not counted(tmp_path, store).remembered


@pytest.mark.parametrize("code", ["raise SystemExit(3)", "pathlib.Path('new.so').write_text('built')"])
def test_nothing_is_kept_of_one_that_failed_or_changed_what_it_stands_on(tmp_path: Path, code: str) -> None:
    store = Outcomes(tmp_path)
    for _ in range(2):
        assert not counted(tmp_path, store, code).remembered
        (tmp_path / "new.so").unlink(missing_ok=True)
    assert starts(tmp_path) == 2


@pytest.mark.parametrize("left", ["", '{"a": 1}'])
def test_one_that_could_not_tell_what_it_stands_on_is_started_again(tmp_path: Path, left: str) -> None:
    store = Outcomes(tmp_path)
    memory = Memory("k", str(tmp_path / "known"), str(tmp_path / "made"))
    code = leaving(left) + "; open('starts', 'a').write('x')"
    basis = Basis("asked", (sys.executable,))
    job = Job("a", "g", "l", (sys.executable, "-c", code), str(tmp_path), 60, memories=(memory,), basis=basis)
    agent = RememberingAgent(LocalAgent(0.0), store)
    for _ in range(2):
        agent.run(job, lambda said: None)
    assert starts(tmp_path) == (1 if left else 2)


@pytest.mark.parametrize(
    "text", ["{}", '{"said": [0, ""], "files": []}', '{"said": [0, "", ""], "files": ["a"]}', '{"said": 3, "files": 4}']
)
def test_an_entry_that_makes_no_sense_is_none(tmp_path: Path, text: str) -> None:
    store = Outcomes(tmp_path)
    counted(tmp_path, store)
    (entry,) = store.everything()
    store.clear()
    store.remember([(entry.key, text)])
    assert not counted(tmp_path, store).remembered
