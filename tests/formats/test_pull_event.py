from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.pull_event import publish_target
from gatekeeper.model.errors import UsageError
from gatekeeper.model.forge import PublishTarget
from tests.contract.fake_forge import HEAD, REPOSITORY, payload

SERVER = "https://github.example"
VARIABLES = {
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_REPOSITORY": REPOSITORY,
    "GITHUB_RUN_ID": "70",
    "GITHUB_RUN_ATTEMPT": "2",
    "GITHUB_SERVER_URL": SERVER,
}


def test_githubs_own_pull_request() -> None:
    page = f"{SERVER}/{REPOSITORY}/actions/runs/70/attempts/2"
    assert publish_target(VARIABLES, payload("pull_request")) == PublishTarget(REPOSITORY, 2, "", HEAD, 70, 2, page)


def followed(**changes: Any) -> dict[str, Any]:
    event = copy.deepcopy(payload("workflow_run"))
    event["workflow_run"].update({"event": "pull_request", "head_branch": "fix/it", **changes})
    return event


def test_a_run_that_is_followed_gives_branch_commit_and_its_own_number() -> None:
    event = followed(pull_requests=[{"number": 99}])
    run = event["workflow_run"]
    target = publish_target({**VARIABLES, "GITHUB_EVENT_NAME": "workflow_run"}, event)
    assert isinstance(target, PublishTarget)
    assert (target.number, target.head) == (0, f"{run['head_repository']['owner']['login']}:fix/it")
    assert (target.head_sha, target.run_id, target.attempt) == (run["head_sha"], run["id"], run["run_attempt"])
    assert target.run_url == f"{SERVER}/{REPOSITORY}/actions/runs/{run['id']}/attempts/{run['run_attempt']}"


@pytest.mark.parametrize("name", ["push", "merge_group", "schedule", "::error::x\n"])
def test_other_events_are_told_in_plain_words(name: str) -> None:
    said = publish_target({**VARIABLES, "GITHUB_EVENT_NAME": name}, {})
    assert isinstance(said, str)
    assert said.isprintable()
    assert "::" not in said


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(("number", "head", "sha", "id")), inner)
    ),
    max_leaves=6,
)


@given(st.sampled_from(("pull_request", "workflow_run")), JSON, JSON)
def test_a_broken_event_is_wrong_usage_and_no_crash(name: str, inner: object, sha: object) -> None:
    event: Any = {name: inner}
    if isinstance(inner, dict):
        event = followed(head_sha=sha) if name == "workflow_run" else event
    try:
        target = publish_target({**VARIABLES, "GITHUB_EVENT_NAME": name}, event)
    except UsageError as error:
        assert error.hint
    else:
        assert isinstance(target, str) or len(target.head_sha) in (40, 64)
