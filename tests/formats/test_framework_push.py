"""What the pre-commit framework tells of a push, in variables."""

from __future__ import annotations

import pytest

from gatekeeper.formats.framework_push import read_framework_push
from gatekeeper.formats.push_lines import RefUpdate
from gatekeeper.model.errors import GatekeeperError

OLD, NEW = "a" * 40, "b" * 40
KNOWN = {OLD: OLD, NEW: NEW, "refs/heads/topic": NEW, "origin/main": OLD}
PUSH = {
    "PRE_COMMIT_REMOTE_NAME": "origin",
    "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main",
    "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/topic",
}


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"PRE_COMMIT": "1", "PRE_COMMIT_TO_REF": NEW}, None),
        (
            {**PUSH, "PRE_COMMIT_FROM_REF": OLD, "PRE_COMMIT_TO_REF": NEW},
            ("origin", RefUpdate("refs/heads/main", OLD, NEW, "refs/heads/topic")),
        ),
        (PUSH, ("origin", RefUpdate("refs/heads/main", "0" * 40, NEW, "refs/heads/topic"))),
        (
            {"PRE_COMMIT_FROM_REF": "origin/main", "PRE_COMMIT_TO_REF": "refs/heads/topic"},
            ("", RefUpdate("refs/heads/topic", OLD, NEW, "refs/heads/topic")),
        ),
    ],
)
def test_what_is_pushed(variables: dict[str, str], expected: tuple[str, RefUpdate] | None) -> None:
    assert read_framework_push(variables, KNOWN.get) == expected


def test_an_end_that_names_no_commit_is_an_error() -> None:
    with pytest.raises(GatekeeperError, match="'gone', which is no commit"):
        read_framework_push({"PRE_COMMIT_FROM_REF": "gone", "PRE_COMMIT_TO_REF": NEW}, KNOWN.get)
