"""What the check run of a commit goes through, against a forge that remembers it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gatekeeper.edges.forge import Forge
from gatekeeper.edges.forge_checks import HINTS, Checks
from gatekeeper.formats.check_run import MOST, CheckRun, render_check
from gatekeeper.formats.report_json import report_document
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.forge import ForgeError
from gatekeeper.model.report import Exit, Report
from tests.contract.fake_checks import APP
from tests.contract.fake_forge import HEAD, REPOSITORY, TOKEN, FakeForge, Fault
from tests.contract.hands import Hands
from tests.contract.test_comments import CONTEXT
from tests.reporters.sample import REPORT, REVIEW

NAME = "gate"


def report(count: int, message: str = "number") -> Report:
    """A report with so many findings."""
    found = tuple(
        Finding("review", "r", f"{message} {number}", Severity.HIGH, f"src/a{number}.py", number + 1, blocks=True)
        for number in range(count)
    )
    return replace(REPORT, verdicts=(replace(REVIEW, findings=found),))


def wanted(of: Report, run: int = 70) -> CheckRun:
    document = json.loads(json.dumps(report_document(of)))
    return render_check(document, replace(CONTEXT, run_id=run), NAME)


PASSED = replace(REPORT, verdicts=(), exit=Exit.PASSED)


def checks(forge: FakeForge, hands: Hands, app: str = APP) -> Checks:
    return Checks(Forge(forge.address + forge.prefix, TOKEN, hands.clock, hints=HINTS), REPOSITORY, app)


def bring(forge: FakeForge, hands: Hands, check: CheckRun, app: str = APP) -> str:
    return checks(forge, hands, app).bring(check)


def shown(forge: FakeForge) -> list[tuple[Any, ...]]:
    """Of each check run its conclusion, and how many annotations it has."""
    return [(run["conclusion"], len(forge.checks.annotations[run["id"]])) for run in forge.checks.runs]


def all_once(forge: FakeForge, number: int = 5000) -> bool:
    """Whether no annotation came twice."""
    paths = [entry["path"] for entry in forge.checks.annotations[number]]
    return len(paths) == len(set(paths))


def test_a_run_is_made_and_says_so_already_afterwards(forge: FakeForge, hands: Hands) -> None:
    assert bring(forge, hands, wanted(report(3))) == "made the check run"
    assert shown(forge) == [("failure", 3)]
    run = forge.checks.runs[0]
    assert (run["name"], run["head_sha"], run["status"]) == (NAME, HEAD, "completed")
    assert bring(forge, hands, wanted(report(3))) == "the check run says so already"
    assert (forge.count("POST"), forge.count("PATCH")) == (1, 0)


def test_a_run_that_changes_nothing_is_still_not_replaced_by_an_older_one(forge: FakeForge, hands: Hands) -> None:
    bring(forge, hands, wanted(PASSED, 70))
    bring(forge, hands, wanted(PASSED, 72))
    assert "newer run" in bring(forge, hands, wanted(report(1), 71))
    assert shown(forge) == [("success", 0)]


@pytest.mark.parametrize(("count", "patches"), [(50, 0), (51, 1), (130, 2), (MOST, 5), (MOST + 40, 5)])
def test_annotations_come_in_batches_and_not_without_end(
    forge: FakeForge, hands: Hands, count: int, patches: int
) -> None:
    check = wanted(report(count))
    bring(forge, hands, check)
    assert shown(forge) == [("failure", min(count, MOST))]
    assert all_once(forge)
    assert (forge.count("POST"), forge.count("PATCH")) == (1, patches)
    assert ("+40 more of what was found have no annotation here" in check.summary) == (count > MOST)


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("how", ["answer", "drop", "garbage"])
def test_a_lost_answer_to_a_post_makes_one_run(forge: FakeForge, hands: Hands, how: str, after: bool) -> None:
    forge.faults = [Fault("POST", status=502, how=how, after=after)]
    assert bring(forge, hands, wanted(report(120))) == "made the check run"
    assert shown(forge) == [("failure", 120)]
    assert forge.count("POST") == (1 if after else 2)


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("how", ["answer", "drop", "garbage"])
def test_a_lost_answer_to_a_batch_adds_it_once(forge: FakeForge, hands: Hands, how: str, after: bool) -> None:
    forge.faults = [Fault("PATCH", status=502, how=how, after=after)]
    bring(forge, hands, wanted(report(170)))
    assert shown(forge) == [("failure", 170)]
    assert all_once(forge)
    assert forge.count("PATCH") == (3 if after else 4)


def test_what_always_fails_is_given_up(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("POST", status=503, times=99)]
    with pytest.raises(ForgeError, match="503"):
        bring(forge, hands, wanted(report(1)))
    assert (forge.count("POST"), shown(forge)) == (3, [])


def test_what_an_interrupted_run_left_unsent_is_sent_by_the_next(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("PATCH", status=503, times=99)]
    with pytest.raises(ForgeError, match="503"):
        bring(forge, hands, wanted(report(120)))
    assert shown(forge) == [("failure", 50)]
    forge.faults = []
    assert bring(forge, hands, wanted(report(120), 71)) == "updated the check run"
    assert (shown(forge), all_once(forge)) == ([("failure", 120)], True)


def test_a_result_with_other_annotations_is_a_new_run_of_the_name(forge: FakeForge, hands: Hands) -> None:
    """An annotation cannot be taken back."""
    bring(forge, hands, wanted(report(2)))
    assert bring(forge, hands, wanted(PASSED, 71)) == "made the check run"
    assert shown(forge) == [("failure", 2), ("success", 0)]
    assert bring(forge, hands, wanted(PASSED, 71)) == "the check run says so already"
    assert bring(forge, hands, wanted(report(0), 73)) == "updated the check run"
    assert bring(forge, hands, wanted(report(60), 74)) == "updated the check run"
    assert shown(forge) == [("failure", 2), ("failure", 60)]


def test_a_newer_result_is_never_replaced(forge: FakeForge, hands: Hands) -> None:
    bring(forge, hands, wanted(PASSED, 71))
    assert "newer run (71.1)" in bring(forge, hands, wanted(report(1), 70))
    assert shown(forge) == [("success", 0)]


@pytest.mark.parametrize(
    ("app", "name", "identity"),
    [("github-actions", NAME, "default"), ("other-app", NAME, "default"), (APP, "other", "default"), (APP, NAME, "x")],
)
def test_a_run_of_another_app_name_or_id_is_none_of_ours(
    forge: FakeForge, hands: Hands, app: str, name: str, identity: str
) -> None:
    planted = forge.checks.add(name, HEAD, app, f"gatekeeper:v1:{identity}:999.1:{'0' * 16}")
    bring(forge, hands, wanted(report(1)))
    assert (planted["conclusion"], len(forge.checks.runs)) == (None, 2)


def test_ours_is_found_on_page_two(forge: FakeForge, hands: Hands) -> None:
    bring(forge, hands, wanted(report(1)))
    for _ in range(120):
        forge.checks.add(NAME, HEAD, "other-app")
    assert bring(forge, hands, wanted(report(1))) == "the check run says so already"
    assert "/repositories/1000/commits/" in forge.seen[-1].path


def test_the_token_of_a_job_is_told_when_the_run_came_from_actions(forge: FakeForge, hands: Hands) -> None:
    forge.checks.app = "github-actions"
    with pytest.raises(ForgeError, match="made by the app 'github-actions', and not by 'our-app'"):
        bring(forge, hands, wanted(report(120)))
    assert (forge.count("POST"), forge.count("PATCH")) == (1, 0)


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (401, "Bad credentials", "an hour"),
        (403, "Resource not accessible by integration", "`checks: write`"),
        (403, "You must authenticate via a GitHub App.", "`checks: write`"),
        (404, "Not Found", "not installed"),
        (422, "No commit found for SHA", "if the commit is in this repository"),
    ],
)
def test_a_refusal_is_not_repeated_and_says_what_helps(
    forge: FakeForge, hands: Hands, status: int, message: str, hint: str
) -> None:
    forge.faults = [Fault("POST", status=status, document={"message": message})]
    with pytest.raises(ForgeError, match=str(status)) as caught:
        bring(forge, hands, wanted(report(1)))
    assert hint in caught.value.hint
    assert (forge.count("POST"), shown(forge)) == (1, [])


def test_a_limit_is_waited_for_also_when_a_batch_is_added(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("PATCH", status=429, headers={"Retry-After": "7"})]
    bring(forge, hands, wanted(report(60)))
    assert (shown(forge), all_once(forge)) == ([("failure", 60)], True)
    assert 7.0 in hands.waits


def test_texts_at_the_edge_of_four_byte_signs_are_taken(forge: FakeForge, hands: Hands) -> None:
    check = wanted(report(400, "\U0001f98a" * 20_000))
    bring(forge, hands, check)
    assert shown(forge) == [("failure", MOST)]
    assert 60_000 < len(check.summary.encode()) <= 65_535
    entry = forge.checks.annotations[5000][0]
    assert len(entry["message"].encode()) in range(7_990, 8_001)
    assert entry["message"].startswith("\U0001f98a" * 1_990)


def test_a_dry_run_writes_nothing(forge: FakeForge, hands: Hands) -> None:
    assert checks(forge, hands).foretell(wanted(report(1))) == "would make a check run"
    bring(forge, hands, wanted(report(0)))
    assert checks(forge, hands).foretell(wanted(report(1))) == "would update check run 5000"
    assert forge.count("POST") + forge.count("PATCH") == 1


@pytest.mark.parametrize("entry", [1, {}, {"id": 1}, {"id": 1, "output": {}}, {"id": True, "output": {}}])
def test_what_is_no_check_run_is_an_error(forge: FakeForge, hands: Hands, entry: object) -> None:
    forge.faults = [Fault("GET", "/check-runs", 200, {"total_count": 1, "check_runs": [entry]})]
    with pytest.raises(ForgeError, match="forge answered with"):
        bring(forge, hands, wanted(report(1)))
