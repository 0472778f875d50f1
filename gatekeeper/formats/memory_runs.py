"""Tells from the answers of a forge which artifact holds the memory that the default branch left, and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gatekeeper.model.errors import GatekeeperError, UsageError

EVENTS = ("push", "schedule")
"""The events whose runs carry out what the default branch holds, and nothing that somebody proposes."""

_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_WORKFLOW = re.compile(r"([^/]+/[^/]+)/\.github/workflows/([^/@]{1,200}\.ya?ml)@refs/.+", re.DOTALL)
_ID = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,58}[A-Za-z0-9])?")
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
_ARRIVALS = frozenset({"push", "force_push", "branch_creation", "pr_merge", "merge_queue_merge"})


@dataclass(frozen=True, slots=True)
class MemoryWish:
    """Whose memory is looked for: the repository with its number, its default branch, the workflow file, the artifact.

    `own_run` is the number of the run that looks, which has left nothing yet.
    """

    repository: str
    number: int
    branch: str
    workflow: str
    artifact: str
    own_run: int


@dataclass(frozen=True, slots=True)
class MemoryRun:
    """A run of the default branch: its number, and the commit that it ran."""

    id: int
    sha: str


@dataclass(frozen=True, slots=True)
class MemoryArtifact:
    """An artifact: its number, its size in bytes, whether it is still kept, and its SHA-256 ("" where nobody says)."""

    id: int
    size: int
    expired: bool
    sha256: str


def memory_wish(environment: Mapping[str, str], event: object, identity: str) -> MemoryWish:
    """What the running job looks for, by the variables of GitHub Actions and the document of its event.

    Raises UsageError outside of GitHub Actions and for an `identity` that no artifact can bear, GatekeeperError where
    there is nothing to look for.
    """
    if not _ID.fullmatch(identity):
        raise UsageError(f"{identity[:80]!r} cannot be the id of a memory", "use letters, digits and ._-, at most 60")
    repository, number = environment.get("GITHUB_REPOSITORY", ""), environment.get("GITHUB_REPOSITORY_ID", "")
    run = environment.get("GITHUB_RUN_ID", "")
    if not _REPOSITORY.fullmatch(repository) or not _is_number(number) or not _is_number(run):
        raise UsageError(
            "this is no job of GitHub Actions: GITHUB_REPOSITORY, GITHUB_REPOSITORY_ID and GITHUB_RUN_ID are not set",
            "elsewhere, take the file from where you keep it: gatekeeper cache import FILE",
        )
    workflow = _WORKFLOW.fullmatch(environment.get("GITHUB_WORKFLOW_REF", ""))
    if not workflow or workflow[1].lower() != repository.lower():
        raise GatekeeperError("the workflow of this job is no file of this repository")
    branch = _default_branch(environment, event)
    if not branch or not branch.isprintable():
        raise GatekeeperError("the event does not name the default branch")
    return MemoryWish(repository, int(number), branch, workflow[2], f"gatekeeper-memory-{identity}", int(run))


def _default_branch(environment: Mapping[str, str], event: object) -> str:
    told = _field(event, "repository", "default_branch")
    if isinstance(told, str) and told:
        return told
    # a schedule may name no repository, and always runs on the default branch
    return environment.get("GITHUB_REF_NAME", "") if environment.get("GITHUB_EVENT_NAME") == "schedule" else ""


def tips_of(entries: Iterable[object], branch: str) -> frozenset[str]:
    """The commits that a branch was once at, by the activities of the repository.

    A run says by which name it was started, and a tag may have that of a branch; an activity names the reference.
    """
    reference = f"refs/heads/{branch}"
    arrived = (e for e in entries if _text(e, "ref") == reference and _text(e, "activity_type") in _ARRIVALS)
    return frozenset(sha for sha in (_text(entry, "after") for entry in arrived) if _SHA.fullmatch(sha))


def runs_of(entries: Iterable[object], wish: MemoryWish, tips: frozenset[str]) -> tuple[MemoryRun, ...]:
    """The runs of the default branch of this very repository, at commits that it was at; the newest first."""
    found = []
    for entry in entries:
        number, sha = _field(entry, "id"), _text(entry, "head_sha")
        is_own = wish.number == _field(entry, "repository", "id") == _field(entry, "head_repository", "id")
        is_of_branch = _text(entry, "head_branch") == wish.branch and _text(entry, "event") in EVENTS
        if is_own and is_of_branch and sha in tips and isinstance(number, int) and 0 < number != wish.own_run:
            found.append(MemoryRun(number, sha))
    return tuple(sorted(set(found), key=lambda run: -run.id))


def artifact_of(entries: Iterable[object], wish: MemoryWish, run: MemoryRun) -> MemoryArtifact | None:
    """The newest artifact of the wanted name that this run made; None where there is none."""
    found = []
    for entry in entries:
        number, size = _field(entry, "id"), _field(entry, "size_in_bytes")
        made_by = [
            _field(entry, "workflow_run", name) for name in ("id", "repository_id", "head_repository_id", "head_sha")
        ]
        if _field(entry, "name") != wish.artifact or made_by != [run.id, wish.number, wish.number, run.sha]:
            continue
        if isinstance(number, int) and number > 0 and isinstance(size, int):
            digest = _DIGEST.fullmatch(_text(entry, "digest"))
            expired = _field(entry, "expired") is not False
            found.append(MemoryArtifact(number, size, expired, digest[1] if digest else ""))
    return max(found, key=lambda artifact: artifact.id, default=None)


def _field(entry: object, *path: str) -> object:
    for name in path:
        entry = entry.get(name) if isinstance(entry, Mapping) else None
    return entry


def _text(entry: object, name: str) -> str:
    value = _field(entry, name)
    return value if isinstance(value, str) else ""


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{1,18}", text))
