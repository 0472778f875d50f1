"""What a comment has to know besides the report: where it will stand, and the run that it tells of."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SHAPES = {
    "server": r"https?://[A-Za-z0-9.:\[\]_-]+(?:/[A-Za-z0-9._~/-]*)?",
    "repository": r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}",
    "run_url": r"(?:https?://[!-~]{1,500})?",
    "head_sha": r"[0-9a-f]{40}(?:[0-9a-f]{24})?",
    "judged_sha": r"(?:[0-9a-f]{40}(?:[0-9a-f]{24})?)?",
    "id": r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,58}[A-Za-z0-9])?",
}


@dataclass(frozen=True, slots=True)
class CommentContext:
    """The surroundings of a comment; every field is checked, so that all can stand in Markdown and in addresses.

    `server` is the address that people open (`https://github.com`), without a slash at its end; `repository` is
    `owner/name`, `head_sha` the commit at the head, `run_url` the page of the run ("" when there is none), `run_id` and
    `attempt` the numbers by which a newer run is told from an older one, and `id` the name by which several comments on
    one pull request are told apart. `judged_sha` is the commit whose lines the findings name, where that is known to be
    another one than the head: the merge of the head. Raises ValueError for a field that has another shape.
    """

    server: str
    repository: str
    run_url: str
    run_id: int
    attempt: int
    head_sha: str
    id: str = "default"
    judged_sha: str = ""

    def __post_init__(self) -> None:
        """Refuse what could break out of the marker or of a link."""
        for name, shape in _SHAPES.items():
            if not re.fullmatch(shape, getattr(self, name)):
                raise ValueError(f"{getattr(self, name)!r} cannot be the {name} of a comment")
        if min(self.run_id, self.attempt) < 0 or self.server.endswith("/"):
            raise ValueError("the run of a comment has no negative number, and its server no slash at the end")

    @property
    def marker(self) -> str:
        """Line 1 of the comment: which comment it is, and which run of which commit wrote it."""
        run = f"{self.run_id}.{self.attempt}"
        return f"<!-- gatekeeper:v1 id={self.id} run={run} sha={self.head_sha} -->"
