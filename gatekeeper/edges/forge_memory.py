"""Fetches what a run of the default branch left of its memory: an artifact, which no pull request can write to.

A cache would not do: what a pull request saved for itself is looked up first, under whatever name. An artifact
belongs to the run that made it, and only a run can add to its own.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from gatekeeper.edges.documents import read_document
from gatekeeper.edges.forge import Clock, Forge
from gatekeeper.edges.forge_exchange import Limits, download
from gatekeeper.formats.memory_runs import (
    EVENTS,
    MemoryArtifact,
    MemoryRun,
    MemoryWish,
    artifact_of,
    memory_wish,
    runs_of,
    tips_of,
)
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.forge import ForgeError

MEMBER = "gatekeeper-memory.tgz"
"""The one file of the artifact."""

_EVENT = 32 << 20
_MOST = 64 << 20  # bytes, of the artifact as of the file in it
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_RUNS_LOOKED_INTO = 10
_LIMITS = Limits(total=120.0, answer=_MOST)
_TOKENS = ("GATEKEEPER_TOKEN", "GITHUB_TOKEN")
_READING = "give the job `permissions: actions: read` and `contents: read`; see docs/memory.md"
_HINTS = {
    401: "give the step the token of the job",
    403: _READING,
    404: _READING,
    410: "the next run of the default branch leaves a new one",
}


def fetch_memory(environment: Mapping[str, str], file: Path, identity: str, clock: Clock | None = None) -> str:
    """Write the newest export that the default branch left into a file, and say in words whose it was.

    Raises GatekeeperError, with the reason, where there is none that can be had and trusted; then there is no file.
    """
    place = environment.get("GITHUB_EVENT_PATH", "")
    event = read_document(place, _EVENT, "the event file", "GitHub Actions writes it") if place else None
    wish = memory_wish(environment, event, identity)
    token = next((environment[name].strip() for name in _TOKENS if environment.get(name)), "")
    if not token:
        raise GatekeeperError("there is no token to ask with", "set GITHUB_TOKEN in the `env:` of this step")
    address = environment.get("GITHUB_API_URL") or "https://api.github.com"
    forge = Forge(address, token, clock or Clock(), budget=60.0, hints=_HINTS)
    run, artifact = _newest(forge, wish)
    content = _member(_archive(forge, wish, artifact))
    try:
        file.write_bytes(content)
    except OSError as error:
        raise GatekeeperError(f"{file} cannot be written: {error.strerror}", "name another file") from error
    return f"fetched what run {run.id} of {phrase(wish.workflow)} on {phrase(wish.branch)} left at {run.sha[:9]}"


def _newest(forge: Forge, wish: MemoryWish) -> tuple[MemoryRun, MemoryArtifact]:
    """The newest run of the default branch that left something, and what it left."""
    branch, base = quote(wish.branch, safe=""), f"/repos/{wish.repository}"
    query = f"/activity?ref={quote(f'refs/heads/{wish.branch}', safe='')}&per_page=100"
    tips = tips_of(_page(forge, base + query, "asking what the default branch was at"), wish.branch)
    runs: list[object] = []
    for event in EVENTS:
        query = f"/runs?branch={branch}&event={event}&status=completed&exclude_pull_requests=true&per_page=20"
        path = f"{base}/actions/workflows/{quote(wish.workflow, safe='')}{query}"
        runs += _page(forge, path, "looking for runs of the default branch", "workflow_runs")
    for run in runs_of(runs, wish, tips)[:_RUNS_LOOKED_INTO]:
        path = f"{base}/actions/runs/{run.id}/artifacts?name={quote(wish.artifact, safe='')}&per_page=100"
        artifact = artifact_of(_page(forge, path, "looking for what a run left", "artifacts"), wish, run)
        if artifact is None:
            continue
        if artifact.expired:
            raise GatekeeperError(f"what run {run.id} left is not kept any more", _HINTS[410])
        if not 0 <= artifact.size <= _MOST:
            raise GatekeeperError(f"what run {run.id} left has more than {_MOST >> 20} MB")
        return run, artifact
    where = f"{phrase(wish.workflow)} on {phrase(wish.branch)}"
    raise GatekeeperError(
        f"no run of {where} has left a memory of this name yet", "it has to run on `push` or `schedule`"
    )


def _page(forge: Forge, path: str, action: str, under: str = "") -> list[object]:
    """The newest entries of a list; what lies further back is of no interest."""
    return next(forge.pages(path, action, under), [])


def _archive(forge: Forge, wish: MemoryWish, artifact: MemoryArtifact) -> bytes:
    """The zip file as it was left. The forge names another server for it, which gets to see no token."""
    action = "downloading what the run left"
    place = forge.place_of(f"/repos/{wish.repository}/actions/artifacts/{artifact.id}/zip", action)
    try:
        content = download(place, _LIMITS)
    except ForgeError as error:
        raise ForgeError(f"{action}: {error.message}", error.hint, error.status) from None
    if artifact.sha256 and sha256(content).hexdigest() != artifact.sha256:
        raise GatekeeperError(f"{action}: what came is not what the run left")
    return content


def _member(content: bytes) -> bytes:
    """The one file in the zip. Raises GatekeeperError for a zip that holds anything else, or too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if [member.filename for member in members] != [MEMBER] or members[0].compress_type not in _PACKED:
                raise GatekeeperError(f"what the run left is not {MEMBER} alone")
            with archive.open(members[0]) as stream:
                found = stream.read(_MOST + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise GatekeeperError(f"what the run left cannot be unpacked: {type(error).__name__}") from None
    if len(found) > _MOST:
        raise GatekeeperError("what the run left is too large")
    return found
