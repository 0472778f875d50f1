"""GitHub's own examples of payloads, with the commits of a test's repository in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "events"
ZEROS = "0" * 40


def example(name: str) -> dict[str, Any]:
    """One of the examples as it is."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return loaded


def pull_request(head: str, base: str = ZEROS, branch: str = "main") -> dict[str, Any]:
    """A new commit on a pull request from a branch of the same repository."""
    event = example("pull_request")
    event["pull_request"]["head"]["sha"] = head
    event["pull_request"]["base"].update(sha=base, ref=branch)
    event["repository"]["default_branch"] = "main"
    return event


def merge_group(base: str, head: str) -> dict[str, Any]:
    """A group in the merge queue of main."""
    event = example("merge_group")
    event["merge_group"].update(base_sha=base, head_sha=head)
    event["repository"]["default_branch"] = "main"
    return event


def push(before: str, after: str, ref: str = "refs/heads/main") -> dict[str, Any]:
    """A push of commits to a reference."""
    event = example("push")
    event.update(before=before, after=after, ref=ref, created=before == ZEROS)
    event["repository"]["default_branch"] = "main"
    return event


def dispatch() -> dict[str, Any]:
    """A run that somebody started by hand."""
    event = example("workflow_dispatch")
    event["repository"]["default_branch"] = "main"
    return event
