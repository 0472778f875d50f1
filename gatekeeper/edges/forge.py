"""The edge to a forge with GitHub's interface: one origin, bounded waiting, nothing sent twice that may count twice."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from gatekeeper import __version__
from gatekeeper.edges.forge_exchange import Limits, exchange
from gatekeeper.formats.forge_answers import (
    entries_of,
    is_private,
    limit_wait,
    next_page,
    origin_of,
    refusal,
    same_origin_path,
)
from gatekeeper.model.errors import UsageError
from gatekeeper.model.forge import Answer, ForgeError

_TRIES = 4
_REDIRECTS = 3
_PAGES = 100
_BETWEEN_WRITES = 1.0
_REPEATABLE = frozenset({"GET", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from: seconds of a steady clock, seconds since 1970, and how to wait."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], float] = time.time
    wait: Callable[[float], None] = time.sleep


@dataclass(slots=True)
class Forge:
    """A forge at `address` (`https://api.github.com`, or `https://HOST/api/v3`) that is spoken to with a token.

    All requests together, with all waiting, take at most about `budget` seconds. `hints` says by HTTP status what helps
    against a refusal, where that is not what helps with comments. Raises UsageError for an address or a token that
    cannot be one, and for an address that would show the token to the network.
    """

    address: str
    token: str = field(repr=False)
    clock: Clock = field(default_factory=Clock)
    limits: Limits = field(default_factory=Limits)
    budget: float = 90.0
    hints: Mapping[int, str] = field(default_factory=dict)
    _origin: tuple[str, str, int] = field(init=False)
    _prefix: str = field(init=False)
    _until: float = field(init=False)
    _written: float = field(init=False, default=float("-inf"))

    def __post_init__(self) -> None:
        """Look at what the environment gave before anything is sent."""
        try:
            self._origin = origin_of(self.address)
            private = is_private(self.address)
        except ValueError:
            raise UsageError("GITHUB_API_URL is no address", "for example https://api.github.com") from None
        if not private:
            raise UsageError("GITHUB_API_URL is not encrypted; the token would be readable", "use https://")
        if not re.fullmatch(r"[!-~]{0,1000}", self.token):
            raise UsageError("the token holds signs that no token has")
        self._prefix = urlsplit(self.address).path.rstrip("/")
        self._until = self.clock.now() + self.budget

    def get(self, path: str, action: str) -> Answer:
        """Read one document; `action` says in an error what could not be done."""
        return self.ask("GET", f"{self._prefix}{path}", action)

    def pages(self, path: str, action: str, under: str = "") -> Iterator[list[object]]:
        """The pages of a list, one after the other; `under` names the field that holds it, where one does."""
        where: str | None = f"{self._prefix}{path}"
        for _ in range(_PAGES):
            answer = self.ask("GET", str(where), action)
            yield entries_of(answer, under)
            where = next_page(answer, self._origin)
            if where is None:
                return
        raise ForgeError(f"{action}: the list does not end within {_PAGES} pages")

    def place_of(self, path: str, action: str) -> str:
        """The address that the forge sends a reader of this document to; nobody goes there, and nothing is repeated."""
        answer = self._exchange("GET", f"{self._prefix}{path}", action, b"")
        place = answer.headers.get("location", "")
        if answer.status not in (302, 303, 307) or not place:
            raise refusal(answer, action, self.hints)
        return place

    def write(self, method: str, path: str, document: object, action: str, once: bool = False) -> Answer:
        """Change something (POST, PATCH, DELETE), at the pace that GitHub asks for.

        What adds to what is there is to be sent `once`: after a lost answer it is not sent again.
        """
        pause = self._written + _BETWEEN_WRITES - self.clock.now()
        if pause > 0:
            self.wait(pause, action)
        body = b"" if document is None else json.dumps(document).encode("ascii")
        try:
            return self.ask(method, f"{self._prefix}{path}", action, body, once)
        finally:
            self._written = self.clock.now()

    def wait(self, seconds: float, action: str) -> None:
        """Wait, unless that goes beyond the budget: then raises ForgeError."""
        if self.clock.now() + seconds > self._until:
            raise ForgeError(
                f"{action}: the forge wants {seconds:.0f} s of waiting, more than is left of {self.budget:.0f} s",
                "run the publishing job again later",
            )
        self.clock.wait(seconds)

    def ask(self, method: str, where: str, action: str, body: bytes = b"", once: bool = False) -> Answer:
        """Send a request as often as that can do no harm, and give the answer. Raises ForgeError for a refusal.

        What a limit refused was not done, and is sent again when the limit ends. After an answer that was lost or is
        the server's own fault (5xx), only what counts once however often it is sent is sent again.
        """
        repeatable = method in _REPEATABLE and not once
        pause = 1.0
        for left in reversed(range(_TRIES)):
            error, wait = self._try(method, where, action, body, repeatable)
            if isinstance(error, Answer):
                return error
            if wait is None or not left:
                raise error
            self.wait(max(wait, pause), action)
            pause *= 2
        raise AssertionError  # the last round returns or raises

    def _try(
        self, method: str, where: str, action: str, body: bytes, repeatable: bool
    ) -> tuple[Answer | ForgeError, float | None]:
        """The answer; or else what went wrong, and how long to wait before the request may be sent again, if it may."""
        try:
            answer = self._follow(method, where, action, body)
        except ForgeError as error:
            return error, 0.0 if error.passing and (repeatable or not error.lost) else None
        if 200 <= answer.status < 300:
            return answer, None
        failed = refusal(answer, action, self.hints)
        if (wait := limit_wait(answer, self.clock.today())) is not None:
            return failed, wait
        if answer.status >= 500:
            failed.lost = True
            return failed, 0.0 if repeatable else None
        return failed, None

    def _follow(self, method: str, where: str, action: str, body: bytes) -> Answer:
        """The answer behind redirects within the origin; a write goes on only where the server says so (307, 308)."""
        for _ in range(_REDIRECTS + 1):
            answer = self._exchange(method, where, action, body)
            kept = answer.status in (307, 308) or (answer.status in (301, 302) and method == "GET")
            if not kept or not answer.headers.get("location"):
                return answer
            where = same_origin_path(answer.headers["location"], self._origin, "a new place")
        raise ForgeError(f"{action}: the forge sent the request round in circles")

    def _exchange(self, method: str, where: str, action: str, body: bytes) -> Answer:
        """One answer as it comes, within what is left of the budget."""
        left = self._until - self.clock.now()
        if left <= 0:
            raise ForgeError(f"{action}: took longer than {self.budget:.0f} s", "run the publishing job again later")
        limits = replace(self.limits, total=min(self.limits.total, left))
        return exchange(self._origin, method, where, self._headers(body), body, limits)

    def _headers(self, body: bytes) -> dict[str, str]:
        headers = {
            "Accept": "application/vnd.github+json",
            "Accept-Encoding": "identity",
            "User-Agent": f"gatekeeper/{__version__}",
            "Connection": "close",
        }
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if self._origin[1] == "api.github.com" or self._origin[1].endswith(".ghe.com"):
            headers["X-GitHub-Api-Version"] = "2022-11-28"  # older servers of one's own refuse a version
        if body:
            headers["Content-Type"] = "application/json"
        return headers
