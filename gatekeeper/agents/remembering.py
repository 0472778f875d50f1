"""The agent that lets programs see what they found out before, and keeps what they found out now."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gatekeeper.edges.bases import look_of
from gatekeeper.edges.outcomes import IN_ONE_PLACE, Outcomes, Remembered
from gatekeeper.model.events import JobSaid
from gatekeeper.model.job import Job, Memory, Outcome
from gatekeeper.ports import Agent

_LARGEST = 32 << 20


class RememberingAgent:
    """Has jobs done by another agent, where no earlier outcome holds; `epoch` is the `time.monotonic()` of the start.

    With `afresh` nothing is recalled, and what is found out is kept all the same.
    """

    def __init__(self, agent: Agent, store: Outcomes, afresh: bool = False, epoch: float = 0.0) -> None:
        self._agent = agent
        self._store = store
        self._afresh = afresh
        self._epoch = epoch

    def run(self, job: Job, say: Callable[[JobSaid], None]) -> Outcome:
        """Do the job and tell what was seen; what cannot be remembered changes nothing of that."""
        look = look_of(job.basis) if job.basis else ""
        remembered = self._remembered(job, look) if look and not self._afresh else None
        if remembered is not None:
            return remembered
        known = {memory: self._lay(memory) for memory in job.memories}
        outcome = self._agent.run(job, say)
        if outcome.ran:
            kept = [self._keep(memory, entries) for memory, entries in known.items()]
            # what a program leaves nothing of stands on more than can be seen
            if look and all(kept) and job.basis and look_of(job.basis) == look:
                said = [outcome.exit_code, outcome.stdout, outcome.stderr]
                files = [outcome.files.get(output) for output in job.outputs]
                self._store.remember([(_key(job, look), json.dumps({"said": said, "files": files}))])
        return outcome

    def stop(self) -> None:
        """End everything that was started."""
        self._agent.stop()

    def _remembered(self, job: Job, look: str) -> Outcome | None:
        """The outcome of an earlier run that stood on the same."""
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            for entry in self._store.recall(_key(job, look))[:1]:
                left = json.loads(entry.text)
                exit_code, stdout, stderr = left["said"]
                pairs = zip(job.outputs, left["files"], strict=True)
                files = {output: text for output, text in pairs if text is not None}
                now = time.monotonic() - self._epoch
                return Outcome(job.id, exit_code, stdout, stderr, files, started=now, remembered=True)
        return None

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

    def _keep(self, memory: Memory, entries: tuple[Remembered, ...]) -> bool:
        """Take over what the program left; tells whether it left anything that can be remembered."""
        with suppress(OSError, ValueError, RecursionError):
            made = Path(memory.made)
            if made.is_symlink() or not made.is_file() or made.stat().st_size > _LARGEST:
                return False
            text = made.read_text("utf-8")
            left = json.loads(text)
            place = left.get("used") if isinstance(left, dict) else None
            if isinstance(place, int) and 0 <= place < len(entries):
                self._store.touch(entries[place].digest)
                return True
            if isinstance(left, dict) and "used" not in left:
                self._store.remember([(memory.key, text)])
                return True
        return False


def _key(job: Job, look: str) -> str:
    return f"{IN_ONE_PLACE}{job.id} {look}"
