"""Reads the payload of an event of GitHub Actions: which commits it speaks of, and what they are compared with."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatekeeper.model.errors import GatekeeperError

MOST_BYTES = 25 << 20  # GitHub itself caps a payload at 25 MB
ON_PULL_REQUEST = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment"})
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BRANCH = "refs/heads/"


@dataclass(frozen=True, slots=True)
class GithubEvent:
    """What an event says of a change; what it does not say, or says in no known shape, is empty.

    `head` and `base` are ids of commits; `base` is empty where there was none before. `branch` is the branch that is
    changed (the base of a pull request or of a merge queue, or the one that was pushed), `default_branch` the default
    one of the repository, and `number` that of the pull request, 0 for none.
    """

    name: str
    head: str = ""
    base: str = ""
    branch: str = ""
    default_branch: str = ""
    number: int = 0


def read_event(name: str, payload: bytes) -> GithubEvent:
    """The event that a payload describes. Raises `GatekeeperError` where the payload cannot be read."""
    try:
        told = json.loads(payload) if len(payload) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise GatekeeperError(
            f"the payload of the event {name!r} cannot be read",
            "GITHUB_EVENT_PATH has to name the file that GitHub Actions wrote",
        )
    default = _text(told, "repository", "default_branch")
    if name in ON_PULL_REQUEST:
        pull = ("pull_request",)
        number = _value(told, *pull, "number")
        return GithubEvent(
            name, _commit(told, *pull, "head", "sha"), _commit(told, *pull, "base", "sha"),
            _text(told, *pull, "base", "ref"), default, number if isinstance(number, int) else 0,
        )  # fmt: skip
    if name == "merge_group":
        group = ("merge_group",)
        branch = branch_of(_text(told, *group, "base_ref"))
        return GithubEvent(name, _commit(told, *group, "head_sha"), _commit(told, *group, "base_sha"), branch, default)
    if name == "push":
        return GithubEvent(
            name, _commit(told, "after"), _commit(told, "before"), branch_of(_text(told, "ref")), default
        )
    return GithubEvent(name, default_branch=default)


def branch_of(reference: str) -> str:
    """The name of the branch that a reference is, or empty."""
    return reference.removeprefix(_BRANCH) if reference.startswith(_BRANCH) else ""


def _value(told: Mapping[str, Any], *path: str) -> object:
    value: object = told
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text(told: Mapping[str, Any], *path: str) -> str:
    value = _value(told, *path)
    return value if isinstance(value, str) else ""


def _commit(told: Mapping[str, Any], *path: str) -> str:
    """The id of a commit; the one of zeros stands for none."""
    text = _text(told, *path)
    return text if _COMMIT.fullmatch(text) and text.strip("0") else ""
