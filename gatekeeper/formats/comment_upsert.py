"""Plans what has to be done so that a pull request has exactly one comment, and that of the newest run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.forge import ForgeComment

ACTIONS_BOT = "github-actions[bot]"
"""Who writes with the token that GitHub gives to a job."""

_MARKER = re.compile(
    r"<!-- gatekeeper:v1 id=(?P<id>[A-Za-z0-9._-]{1,60}) run=(?P<run>[0-9]{1,19})\.(?P<attempt>[0-9]{1,9}) "
    r"sha=(?P<sha>[0-9a-f]{40}(?:[0-9a-f]{24})?) -->(?:\r?\n|\Z)"
)


@dataclass(frozen=True, slots=True)
class Marker:
    """Line 1 of a comment, read back."""

    id: str
    run: tuple[int, int]
    sha: str


def read_marker(body: str) -> Marker | None:
    """The marker at the very start of a body; None where it stands anywhere else, or nowhere."""
    found = _MARKER.match(body)
    if not found:
        return None
    return Marker(found["id"], (int(found["run"]), int(found["attempt"])), found["sha"])


@dataclass(frozen=True, slots=True)
class Upsert:
    """What is to be done, in this order: create, or patch the comment `keep`; then delete; `said` tells why nothing."""

    create: bool = False
    keep: int = 0
    patch: bool = False
    delete: tuple[int, ...] = ()
    said: str = ""


def own_comments(comments: Iterable[ForgeComment], context: CommentContext, author: str) -> list[ForgeComment]:
    """The comments with this marker that the author wrote, the oldest first."""
    found = [comment for comment in comments if _is_own(comment, context.id, author)]
    return sorted(found, key=lambda comment: comment.id)


def is_of_run(comment: ForgeComment, context: CommentContext, author: str) -> bool:
    """Whether this very run wrote a comment; any app counts as its author, since an app cannot ask for its name."""
    marker = read_marker(comment.body)
    wanted = Marker(context.id, (context.run_id, context.attempt), context.head_sha)
    return marker == wanted and (comment.is_app or comment.author.lower() == author.lower())


def _is_own(comment: ForgeComment, identity: str, author: str) -> bool:
    marker = read_marker(comment.body)
    same = comment.author.lower() == author.lower() and comment.is_app == author.endswith("[bot]")
    return same and marker is not None and marker.id == identity


def plan_upsert(
    own: list[ForgeComment], context: CommentContext, body: str, may_create: bool, stable: Callable[[str], str]
) -> Upsert:
    """What to do with a body, given the own comments (oldest first) that are there.

    `stable` gives a body without what differs from run to run. A comment that is equal but for that is left alone,
    unless another run or attempt wrote it: it gets the new marker then, or one that came in between could still replace
    it.
    """
    if not own:
        return Upsert(create=may_create, said="" if may_create else "there is no comment yet, and none is wanted")
    mine = (context.run_id, context.attempt)
    markers = [marker.run for comment in own if (marker := read_marker(comment.body))]
    newest = max(markers)
    if newest > mine:
        return Upsert(said=f"the result of a newer run ({newest[0]}.{newest[1]}) is already shown")
    oldest = own[0]
    changed = markers[0] != mine or stable(_as_stored(oldest.body)) != stable(_as_stored(body))
    return Upsert(keep=oldest.id, patch=changed, delete=tuple(comment.id for comment in own[1:]))


def _as_stored(body: str) -> str:
    """A body as the forge may give it back."""
    return body.replace("\r\n", "\n").rstrip()
