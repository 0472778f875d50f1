"""The agent that lets programs see what they found out before, and keeps what they found out now."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gatekeeper.edges.outcomes import Outcomes, Remembered
from gatekeeper.model.events import JobSaid
from gatekeeper.model.job import Job, Memory, Outcome
from gatekeeper.ports import Agent

_LARGEST = 32 << 20


class RememberingAgent:
    """Has jobs done by another agent; with `afresh` nothing is recalled, and what is found out is kept all the same."""

    def __init__(self, agent: Agent, store: Outcomes, afresh: bool = False) -> None:
        self._agent = agent
        self._store = store
        self._afresh = afresh

    def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
        """Do the job and tell what was seen; what cannot be remembered changes nothing of that."""
        known = {memory: self._lay(memory) for memory in job.memories}
        outcome = self._agent.run(job, say)
        for memory, entries in known.items():
            if outcome.ran:
                self._keep(memory, entries)
        return outcome

    def stop(self) -> None:
        """End everything that was started."""
        self._agent.stop()

    def _lay(self, memory: Memory) -> tuple[Remembered, ...]:
        """Lay what is known where the program looks for it."""
        entries = () if self._afresh else self._store.recall(memory.key)
        try:
            for file in (Path(memory.known), Path(memory.made)):
                file.unlink(missing_ok=True)
            Path(memory.known).write_text(f"[{','.join(entry.text for entry in entries)}]", "utf-8")
        except OSError:
            return ()
        return entries

    def _keep(self, memory: Memory, entries: tuple[Remembered, ...]) -> None:
        """Take over what the program left."""
        with suppress(OSError, ValueError, RecursionError):
            made = Path(memory.made)
            if made.is_symlink() or not made.is_file() or made.stat().st_size > _LARGEST:
                return
            text = made.read_text("utf-8")
            left = json.loads(text)
            place = left.get("used") if isinstance(left, dict) else None
            if isinstance(place, int) and 0 <= place < len(entries):
                self._store.touch(entries[place].digest)
            elif isinstance(left, dict) and "used" not in left:
                self._store.remember([(memory.key, text)])
