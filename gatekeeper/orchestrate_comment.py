"""Keeps a comment on the pull request of a job up to date while an orchestration goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from gatekeeper.edges.documents import read_document
from gatekeeper.edges.forge import Clock, Forge
from gatekeeper.edges.forge_comments import Comments, find_pull
from gatekeeper.formats.approval_markdown import approval_markdown
from gatekeeper.formats.comment import stable_part
from gatekeeper.formats.lanes_board import LanesBoard
from gatekeeper.formats.lanes_markdown import lanes_markdown
from gatekeeper.formats.pull_event import publish_target
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.forge import PublishTarget
from gatekeeper.model.gate_log import Approval
from gatekeeper.model.orchestration_events import Beat, LaneIdle, LaneSaid, OrchestrationEvent

PAUSE = 15.0
"""Seconds between two updates, at the least."""

ID = "orchestration"
"""By this name the comment is told from that of the gates."""

_EVENT = 32 << 20
_TOKENS = ("GATEKEEPER_TOKEN", "GITHUB_TOKEN")
_BUDGET = 30.0  # seconds for all requests of one update
_PATIENCE = 60.0  # seconds that the end waits for its update
_MOST_FAILURES = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where the comment is to stand, and what it needs to get there."""

    target: PublishTarget
    context: CommentContext
    address: str
    token: str = field(repr=False)
    clock: Clock = field(default_factory=Clock)

    def bring(self, markdown: str) -> str:
        """Bring the comment up to date, and tell what was done. Raises GatekeeperError where the forge refuses."""
        forge = Forge(self.address, self.token, self.clock, budget=_BUDGET)
        pull, why = find_pull(forge, self.target)
        if pull is None:
            return f"no comment: {why}"
        done = Comments(forge, pull.number, self.context, stable_part).bring(f"{self.context.marker}\n{markdown}", True)
        return f"pull request {pull.number} of {self.target.repository}: {done}"


def comment_place(environment: Mapping[str, str], clock: Clock | None = None) -> Place | str:
    """The place for the comment by the variables of GitHub Actions; or why there is none, in words."""
    try:
        path = environment.get("GITHUB_EVENT_PATH", "")
        target = publish_target(environment, read_document(path, _EVENT, "the event file") if path else None)
        if isinstance(target, str):
            return target
        token = next((environment[name].strip() for name in _TOKENS if environment.get(name)), "")
        if not token:
            return "there is no token; set GITHUB_TOKEN in the `env:` of this step"
        server = (environment.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/")
        context = CommentContext(
            server, target.repository, target.run_url, target.run_id, target.attempt, target.head_sha, ID
        )
    except (GatekeeperError, ValueError) as error:
        return str(error)
    return Place(
        target, context, environment.get("GITHUB_API_URL") or "https://api.github.com", token, clock or Clock()
    )


class OrchestrationComment:
    """Hears the events, and has the comment brought up to date by a thread of its own when a state has changed.

    Nothing that the forge does changes or delays the orchestration; what went wrong is told at the end.
    """

    def __init__(self, place: Place, pause: float = PAUSE, patience: float = _PATIENCE) -> None:
        self._board = LanesBoard()
        self._place = place
        self._pause, self._patience = pause, patience
        self._changed = threading.Condition()
        self._wanted = self._handed = ""
        self._is_last = False
        self._failures = 0
        self._said = "no comment: nothing has begun"
        self._thread = threading.Thread(target=self._post_all, name="comment", daemon=True)
        self._thread.start()

    def on_event(self, event: OrchestrationEvent) -> None:
        """Take the event in; what is only news is no change of a state."""
        self._board.take(event)
        if not isinstance(event, Beat | LaneSaid | LaneIdle):
            self._want(lanes_markdown(self._board), False)

    def on_tick(self, at: float) -> None:
        """Time alone changes nothing here."""

    def finish(self, approval: Approval | None) -> str:
        """Bring the end there, wait for it for a while, and tell what was done or why not; None where there is none."""
        self._want(approval_markdown(approval) if approval else self._handed, True)
        self._thread.join(self._patience)
        return "no comment: the forge took too long" if self._thread.is_alive() else self._said

    def _want(self, markdown: str, is_last: bool) -> None:
        with self._changed:
            if markdown != self._handed:
                self._wanted = self._handed = markdown
            self._is_last = self._is_last or is_last
            self._changed.notify()

    def _post_all(self) -> None:
        last = float("-inf")
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._is_last)
                while (left := last + self._pause - time.monotonic()) > 0 and self._wanted:
                    self._changed.wait(left)
                markdown, self._wanted, is_last = self._wanted, "", self._is_last
            if markdown and self._failures < _MOST_FAILURES:
                self._post(markdown)
                last = time.monotonic()
            if is_last:
                return

    def _post(self, markdown: str) -> None:
        try:
            self._said = self._place.bring(markdown)
            self._failures = 0
        except GatekeeperError as error:
            self._failures += 1
            self._said = f"no comment: {error.message}"
        except Exception as error:  # noqa: BLE001 - a comment is worth no orchestration
            self._failures += 1
            self._said = f"no comment: {type(error).__name__}: {error}"
