"""The comment that tells of an orchestration while it goes on, against a forge that remembers it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.edges.forge import Clock
from gatekeeper.model.orchestration_events import Beat, LaneIdle, LaneSaid
from gatekeeper.orchestrate_comment import ID, OrchestrationComment, Place, comment_place
from tests.contract.fake_forge import HEAD, REPOSITORY, TOKEN, FakeForge, Fault, payload
from tests.contract.hands import Hands
from tests.formats.approval_sample import APPROVED, FOREIGN
from tests.formats.lanes_sample import EVENTS, until
from tests.formats.markdown_page import assert_harmless

HOUR = 3600.0
WAIT = 60.0


def surroundings(forge: FakeForge, folder: Path, **changes: str) -> dict[str, str]:
    file = folder / "event.json"
    file.write_text(json.dumps(payload("pull_request")))
    told = {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_RUN_ID": "70",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_API_URL": forge.address + forge.prefix,
        "GITHUB_TOKEN": TOKEN,
    }
    return {**told, **changes}


@pytest.fixture
def place(forge: FakeForge, hands: Hands, tmp_path: Path) -> Place:
    found = comment_place(surroundings(forge, tmp_path), hands.clock)
    assert isinstance(found, Place)
    return found


def until_there(forge: FakeForge, text: str) -> str:
    """The comment, when it has this text."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        for body in forge.bodies():
            if text in body:
                return str(body)
        time.sleep(0.01)
    raise AssertionError(forge.bodies())


def test_one_comment_follows_the_states_to_the_end(forge: FakeForge, place: Place) -> None:
    comment = OrchestrationComment(place, pause=0.0)
    comment.on_event(EVENTS[0])
    body = until_there(forge, "0 of 8 workstreams done")
    assert body.startswith(f"<!-- gatekeeper:v1 id={ID} run=70.1 sha={HEAD} -->\n**At work:")
    for event in EVENTS[1:]:
        comment.on_event(event)
    assert comment.finish(APPROVED).startswith(f"pull request 2 of {REPOSITORY}: ")
    (body,) = forge.bodies()
    assert "Approved: every gate passes on the integrated tree." in body
    assert forge.count("POST") == 1
    assert_harmless(body, "https://github.com", body.partition("\n")[0][4:-3])


def test_between_two_updates_lies_the_pause(forge: FakeForge, place: Place) -> None:
    comment = OrchestrationComment(place, pause=HOUR, patience=0.0)
    comment.on_event(EVENTS[0])
    until_there(forge, "0 of 8 workstreams done")
    for event in EVENTS[1:]:
        comment.on_event(event)
    assert comment.finish(APPROVED) == "no comment: the forge took too long"
    assert forge.count("PATCH") == 0


def test_news_are_no_change_of_a_state(place: Place) -> None:
    comment = OrchestrationComment(place, pause=HOUR, patience=0.0)
    for event in until(50):
        comment.on_event(event)
    before = comment._handed
    for event in (Beat(60), LaneSaid(61, "primary-1", "more", 10**6, 3.0), LaneIdle(62, "primary-1", 30, 60)):
        comment.on_event(event)
        comment.on_tick(70)
    assert comment._handed is before


@pytest.mark.parametrize("how", ["answer", "drop", "garbage"])
def test_a_forge_that_fails_changes_nothing(forge: FakeForge, place: Place, how: str) -> None:
    forge.faults = [Fault("GET", status=500, how=how, times=99)]
    comment = OrchestrationComment(place, pause=0.0)
    for event in EVENTS:
        comment.on_event(event)
    assert comment.finish(APPROVED).startswith("no comment: ")
    assert forge.bodies() == []


def test_a_fault_of_ours_changes_nothing(place: Place) -> None:
    def broken() -> float:
        raise RuntimeError("no time")

    comment = OrchestrationComment(replace(place, clock=Clock(now=broken)), pause=0.0)
    comment.on_event(EVENTS[0])
    assert comment.finish(None) == "no comment: RuntimeError: no time"


def test_a_pull_request_that_moved_on_gets_none(forge: FakeForge, place: Place) -> None:
    forge.pulls[0]["head"]["sha"] = "b" * 40
    comment = OrchestrationComment(place, pause=0.0)
    comment.on_event(EVENTS[0])
    assert "has moved on" in comment.finish(None)
    assert forge.bodies() == []


def test_foreign_text_is_only_text(forge: FakeForge, place: Place) -> None:
    comment = OrchestrationComment(place, pause=0.0)
    text = FOREIGN.title
    lanes = tuple(replace(lane, id=text, title=text, agent=text) for lane in EVENTS[0].lanes)  # type: ignore[union-attr]
    comment.on_event(replace(EVENTS[0], title=text, run=text, base=text, lanes=lanes))  # type: ignore[arg-type]
    body = until_there(forge, "At work")
    assert_harmless(body, "https://github.com", body.partition("\n")[0][4:-3])
    comment.finish(FOREIGN)
    (body,) = forge.bodies()
    assert_harmless(body, "https://github.com", body.partition("\n")[0][4:-3])


def test_nothing_has_begun(place: Place) -> None:
    assert OrchestrationComment(place).finish(None) == "no comment: nothing has begun"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"GITHUB_TOKEN": ""}, "there is no token"),
        ({"GITHUB_EVENT_NAME": ""}, "this is no job of GitHub Actions"),
        ({"GITHUB_EVENT_NAME": "push"}, "a push belongs to no pull request"),
        ({"GITHUB_EVENT_PATH": "/nowhere"}, "event file"),
        ({"GITHUB_SERVER_URL": "nowhere"}, "server"),
    ],
)
def test_there_is_no_place(forge: FakeForge, tmp_path: Path, changes: dict[str, str], why: str) -> None:
    found = comment_place(surroundings(forge, tmp_path, **changes))
    assert isinstance(found, str)
    assert why in found


def test_the_token_is_not_shown(place: Place) -> None:
    assert TOKEN not in repr(place)
