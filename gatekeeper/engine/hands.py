"""What the orchestrator has done for it: a Protocol only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from gatekeeper.model.orchestration import Joined, Judgement, Landed, Progress, Steps, Work
from gatekeeper.model.plan import Workstream

Say = Callable[[object], None]
"""Takes the news of a duty, mostly a `Said`."""


class Hands(Protocol):
    """What the orchestrator has done for it. `work`, `prepare`, `judge` and `correct` are called in threads."""

    def lay_out(self, work: Work) -> None:
        """Make the worktree for an attempt."""
        ...

    def work(self, work: Work, say: Say) -> Landed:
        """Have the agent do it, and take what it did into a commit; the worktree is gone afterwards."""
        ...

    def prepare(self, workstream: Workstream, say: Say) -> str:
        """Measure the base for a pillar, and tell what was seen in words."""
        ...

    def judge(self, name: str, commit: str, say: Say) -> Judgement:
        """Have the gates judge a commit against the base."""
        ...

    def integrate(self, head: str, landed: Sequence[Landed]) -> Joined:
        """Join commits to a head, in this order."""
        ...

    def correct(self, commit: str, say: Say) -> str:
        """Run the fixers that need no model over a commit; tells the new one, or the same."""
        ...

    def next_steps(self, judgement: Judgement) -> Steps:
        """What follows from the judgement of the whole."""
        ...

    def keep(self, progress: Progress) -> None:
        """Note how far it has come."""
        ...

    def idle_limit(self, agent: str) -> float:
        """After how many seconds without news an agent is ended."""
        ...

    def stop(self) -> None:
        """End everything that was started; the threads then come to their end by themselves."""
        ...
