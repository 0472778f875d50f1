"""One thing in which a change asks less of itself, or touches what judges it."""

from __future__ import annotations

from enum import StrEnum

from gatekeeper.model.frozen import dataclass


class Relaxed(StrEnum):
    """What is relaxed or touched; the order is the one in which a report shows them."""

    GATE = "gate"
    SETTING = "setting"
    OVERRIDE = "override"
    MODE = "mode"
    WORKFLOW = "workflow"
    HOOK = "hook"
    OWNERS = "owners"
    TOOL = "tool"
    TEST = "test"
    SUPPRESSION = "suppression"

    @property
    def rank(self) -> int:
        """0 for what is shown first."""
        return tuple(Relaxed).index(self)


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One relaxation: its kind, where it stands, what it is about, and both values in words.

    `path` is relative to the repository (empty where no file can be named), `line` counts from 1 in the head, or is
    None. `before` and `after` are empty where there was, or is, nothing. `held` says that it has no effect on this run:
    the side of the base holds until the change is merged.
    """

    kind: Relaxed
    path: str
    line: int | None
    what: str
    before: str = ""
    after: str = ""
    held: bool = False

    @property
    def order(self) -> tuple[int, str, int, str]:
        """Sorts by kind, then by place."""
        return (self.kind.rank, self.path, self.line or 0, self.what)
