"""What a gate asks for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from gatekeeper.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    """A dependency on another job, with the reason why it cannot be done without.

    With `order_only` the job waits for the other one if that is part of the run, and starts whatever came of it.
    """

    job: str
    proof: str
    order_only: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """A part of what a job's program finds out that can be taken from an earlier run.

    Before the job starts, what is remembered under `key` is laid into the file `known`, as a JSON list with the last
    used first. The program alone decides whether one of them still holds: `key` only says which are worth a look. It
    leaves in the file `made` either `{"used": PLACE}`, or an object that is to be remembered under `key`, or nothing.
    Both paths are absolute.
    """

    key: str
    known: str
    made: str


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work for an agent.

    `id` is unique in a run, `<gate>.<work>`; in a run `gate` is the name of the verdict that the job serves.
    `argv` is started without a shell in the folder `cwd` (absolute) with
    `env` laid over a cleaned environment and `stdin` as its input. `looked` are the exit codes that mean "the tool did
    look"; with any other the outcome has not been seen. `outputs` are files (absolute paths) whose text belongs to the
    outcome; they are removed before the job starts, so that what is read is fresh. `seconds_limit` ends the whole
    process tree. `label` is what a person reads while it runs. `memories` are the parts that may be remembered.
    `elsewhere` is a file (absolute) in which the program tells how many CPU seconds others spent for it. `answer` is
    the text of the only output where that is known already: nothing is started then.
    """

    id: str
    gate: str
    label: str
    argv: tuple[str, ...]
    cwd: str
    seconds_limit: float
    looked: frozenset[int] = frozenset({0})
    env: tuple[tuple[str, str], ...] = ()
    stdin: str = ""
    outputs: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    estimate: float | None = None
    memories: tuple[Memory, ...] = ()
    elsewhere: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an agent saw; no opinion.

    `problem` says in words why nothing was seen (missing program, time limit, killed, unexpected exit code, flooded
    output), and is empty when the tool looked. `started` and `seconds` are wall time since the start of the run and in
    length; `cpu_seconds` is what the process and its waited-for children used, and what it
    told of others. `files` holds the text of each of the job's outputs that was written.
    """

    job: str
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    started: float = 0.0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    problem: str = ""

    @property
    def ran(self) -> bool:
        """Whether the tool really looked."""
        return not self.problem
