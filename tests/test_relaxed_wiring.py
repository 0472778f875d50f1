"""What a change relaxes is listed once, and never recalled where it may be another list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper import relaxed_wiring
from gatekeeper.edges.outcomes import IN_ONE_PLACE, Outcomes
from gatekeeper.formats import relaxations_comments
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change
from gatekeeper.model.policy_change import PolicyChange, Relaxed
from gatekeeper.relaxed_wiring import relaxations_kept
from tests.gates.project_runs import file_change
from tests.repository import GitRepository

CHANGE = Change("b" * 40, "h" * 40, (file_change("a.py", "x = f()  # noqa\n", "x = g()\n"),))
SETTING = PolicyChange(Relaxed.SETTING, ".gatekeeper.yml", 1, "coverage minimum", "80", "70")


def target(kind: TargetKind = TargetKind.RANGE) -> Target:
    return Target(kind, CHANGE.base_tree, CHANGE.head_tree, "a range")


@pytest.fixture
def listings(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """A change for each time that its relaxations are listed."""
    found: list[Change] = []
    lister = relaxed_wiring.relaxations

    def counted(change: Change, *rest: object) -> tuple[PolicyChange, ...]:
        found.append(change)
        return lister(change, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(relaxed_wiring, "relaxations", counted)
    return found


def test_the_same_change_is_listed_once(tmp_path: Path, listings: list[Change]) -> None:
    store = Outcomes(tmp_path)
    first = relaxations_kept(CHANGE, target(), (SETTING,), store, afresh=False)
    assert relaxations_kept(CHANGE, target(), (SETTING,), Outcomes(tmp_path), afresh=False) == first
    assert [one.kind for one in first] == [Relaxed.SETTING, Relaxed.SUPPRESSION]
    assert len(listings) == 1
    (entry,) = store.everything()
    assert entry.key.startswith(IN_ONE_PLACE)
    assert len(relaxations_kept(CHANGE, target(), (), store, afresh=False)) == 1
    assert len(listings) == 2


def test_afresh_nothing_is_recalled_and_the_list_is_kept(tmp_path: Path, listings: list[Change]) -> None:
    store = Outcomes(tmp_path)
    for afresh in (True, True, False):
        relaxations_kept(CHANGE, target(), (), store, afresh)
    assert len(listings) == 2


def test_without_a_store_it_is_listed_each_time(tmp_path: Path, listings: list[Change]) -> None:
    for _ in range(2):
        assert relaxations_kept(CHANGE, target(), (), Outcomes(tmp_path, 0), afresh=False)
    assert len(listings) == 2


def test_what_is_kept_under_its_name_and_is_no_list_is_passed_over(tmp_path: Path, listings: list[Change]) -> None:
    store = Outcomes(tmp_path)
    first = relaxations_kept(CHANGE, target(), (), store, afresh=False)
    (entry,) = store.everything()
    store.remember([(entry.key, '{"relaxations": [["suppression", "a.py"]]}')])
    assert relaxations_kept(CHANGE, target(), (), store, afresh=False) == first
    assert len(listings) == 2


def test_a_list_that_is_not_whole_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(change: Change) -> Iterator[PolicyChange]:
        raise RecursionError

    store = Outcomes(tmp_path)
    with monkeypatch.context() as patched:
        patched.setattr(relaxations_comments, "new_suppressions", broken)
        (found,) = relaxations_kept(CHANGE, target(), (), store, afresh=False)
    assert (found.what, found.after) == ("comments that silence a tool could not be listed", "RecursionError")
    assert store.size().entries == 0
    (found,) = relaxations_kept(CHANGE, target(), (), store, afresh=False)
    assert found.kind is Relaxed.SUPPRESSION


def test_a_list_that_would_come_back_as_another_is_not_kept(tmp_path: Path) -> None:
    store, halves = Outcomes(tmp_path), "\ud800" + "\udc00"
    odd = PolicyChange(Relaxed.SETTING, ".gatekeeper.yml", 1, f"gates.{halves}", "", "off")
    assert relaxations_kept(CHANGE, target(), (odd,), store, afresh=False)[0] == odd
    assert store.size().entries == 0


def test_of_a_whole_tree_only_the_settings_are_told(tmp_path: Path) -> None:
    store = Outcomes(tmp_path)
    assert relaxations_kept(CHANGE, target(TargetKind.ALL), (SETTING,), store, afresh=False) == (SETTING,)
    assert store.size().entries == 0


def test_a_run_tells_again_what_is_relaxed(repository: GitRepository) -> None:
    repository.commit({"app.py": "LIMIT = 1\n", "notes.txt": "One.\n"})
    repository.stage({"app.py": "LIMIT = 2  # noqa\n"})
    told = [repository.gatekeeper("--gate", "review").report["policy"]["changes"] for _ in range(2)]
    assert told[0] == told[1]
    assert [(one["kind"], one["path"], one["line"]) for one in told[0]] == [("suppression", "app.py", 1)]
    repository.stage({"app.py": "LIMIT = 3\n"})
    assert repository.gatekeeper("--gate", "review").report["policy"]["changes"] == []
