"""The agents that change files: does an assignment with a program of any make, in the worktree of the assignment."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from gatekeeper.edges.acp import Conversation
from gatekeeper.edges.agent_environment import agent_environment
from gatekeeper.edges.agent_process import SETTLED, Attention
from gatekeeper.edges.process import Ended, Launch, Processes
from gatekeeper.edges.strays import adopt_orphans, clear_adopted
from gatekeeper.formats.agent_progress import progress_reader
from gatekeeper.formats.placeholders import filled
from gatekeeper.model.coding_agent import Driver, Progress
from gatekeeper.model.orchestration import Assignment, Said, Worked

COOKIE = "GATEKEEPER_AGENT"
"""The variable by which everything is recognised that an agent started."""

_LONGEST_ARGUMENT = 100_000  # bytes; Linux takes 128 KiB for one
_CANCEL_SECONDS = 1.0


class CodingAgents:
    """Runs coding agents, many at once; `epoch` is the `time.monotonic()` at the beginning of the orchestration.

    Every agent inherits the open file number `lock`, and with it there is a guard that ends them all should this
    process be killed.
    """

    def __init__(self, epoch: float, lock: int | None = None) -> None:
        self._epoch = epoch
        self._processes = Processes(lock, cookie=COOKIE)
        self._conversations: set[Conversation] = set()
        self._lock = threading.Lock()
        adopt_orphans()

    def work(self, assignment: Assignment, say: Callable[[Said], None]) -> Worked:
        """Have the assignment done and tell how the agent came to its end; its news go to `say`, on this thread.

        In `assignment.scratch` then lie `prompt.md`, `agent.json` (what was started and how it ended), `output.log` and
        `errors.log`. Raises UsageError for a template with an unknown placeholder.
        """
        agent, scratch = assignment.agent, Path(assignment.scratch)
        values = _values(assignment)
        argv = [filled(word, values, agent.name) for word in agent.argv]
        settings = {name: filled(text, values, agent.name) for name, text in agent.settings}
        trajectory = ""
        if agent.progress is Progress.TRAJECTORY:
            trajectory = str(Path(assignment.worktree, filled(agent.progress_file, values, agent.name)))
        scratch.mkdir(parents=True, exist_ok=True)
        Path(values["prompt_file"]).write_bytes(assignment.prompt.encode("utf-8", "replace"))
        started = time.monotonic() - self._epoch
        ear = None
        if agent.driver is Driver.ACP:
            ear = Conversation(assignment.worktree, assignment.prompt)
        try:
            with Attention(
                ear or progress_reader(agent.progress), say, scratch, agent.idle_limit, trajectory
            ) as attention:
                launch = Launch(
                    argv, assignment.worktree, agent_environment(agent.environment, settings), agent.seconds_limit,
                    ear.feed if ear else _close, attention.mind, alone=True,
                )  # fmt: skip
                ended = self._carried_out(launch, attention, ear)
        finally:
            if ear:
                ear.close()
        worked = _worked(ended, attention, ear)
        _note(scratch / "agent.json", assignment, started, worked)
        return worked

    def stop(self) -> None:
        """End every agent and everything it started; further ones are not started any more."""
        with self._lock:
            talking = list(self._conversations)
        for conversation in talking:
            conversation.cancel()
        deadline = time.monotonic() + _CANCEL_SECONDS
        while time.monotonic() < deadline and not all(conversation.finished for conversation in talking):
            time.sleep(0.02)
        self._processes.stop()
        clear_adopted()
        adopt_orphans(wanted=False)

    def _carried_out(self, launch: Launch, attention: Attention, ear: Conversation | None) -> Ended:
        if ear is None:
            return self._processes.carry_out(launch, attention)
        with self._lock:
            self._conversations.add(ear)
        try:
            return self._processes.carry_out(launch, attention)
        finally:
            with self._lock:
                self._conversations.discard(ear)


def _values(assignment: Assignment) -> dict[str, str]:
    """The values of the placeholders; a prompt that is no argument is pointed to, one like an option is moved in."""
    scratch = Path(assignment.scratch)
    prompt_file = str(scratch / "prompt.md")
    prompt = assignment.prompt.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if len(prompt.encode()) > _LONGEST_ARGUMENT:
        prompt = f"Your task stands in the file {prompt_file}. Read all of it first, and then do what it says."
    if prompt.startswith("-"):
        prompt = f"\n{prompt}"
    return {
        "prompt": prompt,
        "prompt_file": prompt_file,
        "worktree": assignment.worktree,
        "base": assignment.base,
        "scratch": assignment.scratch,
        "report": str(scratch / "report.json"),
    }


def _worked(ended: Ended, attention: Attention, ear: Conversation | None) -> Worked:
    return Worked(
        ended.exit_code,
        ended.seconds,
        attention.tokens,
        attention.cost,
        attention.last_words or attention.complaint,
        _problem(ended, attention, ear),
    )


def _problem(ended: Ended, attention: Attention, ear: Conversation | None) -> str:
    """Why the agent's work cannot be trusted to be done; empty where nothing speaks against it."""
    if ended.problem and ended.problem != SETTLED:
        return ended.problem
    if attention.failure:
        return attention.failure
    if ear:
        return "" if ear.finished else "it ended before it had answered"
    if ended.exit_code and ended.problem != SETTLED:
        words = f": {attention.complaint}" if attention.complaint else ""
        return f"it ended with exit code {ended.exit_code}{words}"
    return ""


def _note(path: Path, assignment: Assignment, started: float, worked: Worked) -> None:
    """Keep what was started and how it ended, for whoever looks into the folder."""
    note = {
        "workstream": assignment.workstream,
        "attempt": assignment.attempt,
        "agent": assignment.agent.name,
        "argv": assignment.agent.argv,
        "started": round(started, 3),
        "seconds": round(worked.seconds, 3),
        "exit_code": worked.exit_code,
        "tokens": worked.tokens,
        "cost": worked.cost,
        "problem": worked.problem,
    }
    path.unlink(missing_ok=True)
    path.write_text(json.dumps(note, indent=1) + "\n", "utf-8")


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None:
        pipe.close()
