"""What is asked of a forge, what it answers, and what is known there of a pull request, its comments and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatekeeper.model.errors import GatekeeperError


class ForgeError(GatekeeperError):
    """The forge could not be asked, or refused; `status` is its HTTP status, 0 where there was no usable answer.

    `lost` tells that a request was sent and no usable answer came, so that what it asked for may have been done;
    `passing`, that the next try may fare better.
    """

    def __init__(
        self, message: str, hint: str = "", status: int = 0, lost: bool = False, passing: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.status = status
        self.lost = lost
        self.passing = passing


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: HTTP status, headers by lower-case name, and the document of its body (None for an empty one)."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    document: object = None

    def text(self, name: str) -> str:
        """A text at the top of the document; "" where there is none."""
        value = self.document.get(name) if isinstance(self.document, Mapping) else None
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class ForgeComment:
    """A comment on a pull request: its number, the login of its author, whether that is an app, and its text."""

    id: int
    author: str
    is_app: bool
    body: str


@dataclass(frozen=True, slots=True)
class ForgeCheck:
    """A check run of a commit: its number, the short name of the app that made it, and what it shows.

    `annotations` is how many it has; texts that it lacks are "".
    """

    id: int
    app: str
    name: str
    external_id: str
    conclusion: str
    title: str
    summary: str
    annotations: int


@dataclass(frozen=True, slots=True)
class ForgePull:
    """A pull request: its number, the commit at its head, the repository it goes to, and whether it is open."""

    number: int
    head_sha: str
    repository: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class PublishTarget:
    """Where a report belongs, told by CI and never by the report.

    `number` is that of the pull request, or 0 where only `head` ("owner:branch") is known and the pull request has to
    be found by it and by `head_sha`; both are empty where it is about a commit of no pull request.
    """

    repository: str
    number: int
    head: str
    head_sha: str
    run_id: int
    attempt: int
    run_url: str
