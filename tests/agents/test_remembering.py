"""The agent that remembers lays out what is known, and keeps what a program leaves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from gatekeeper.agents.local import LocalAgent
from gatekeeper.agents.remembering import RememberingAgent
from gatekeeper.edges.outcomes import Outcomes
from gatekeeper.model.job import Job, Memory, Outcome

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
