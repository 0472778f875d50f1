"""What a gate asks for, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.model.frozen import dataclass, field


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
class Basis:
    """All that the outcome of a job stands on.

    `question` says what is asked of which trees. `places` are files and folders (absolute) outside of the trees, the
    interpreter first: how they look tells whether anything was installed. `made_in` are the folders (absolute) of the
    trees in which files may lie that an install step made, `edited_in` those outside in which people edit code.
    """

    question: str
    places: tuple[str, ...]
    made_in: tuple[str, ...] = ()
    edited_in: tuple[str, ...] = ()


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
    the text of the only output where that is known already: nothing is started then. `basis` is there where all is
    known that the outcome stands on: it is that of an earlier run where this is the same.
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
    basis: Basis | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an agent saw; no opinion.

    `problem` says in words why nothing was seen (missing program, time limit, killed, unexpected exit code, flooded
    output), and is empty when the tool looked. `started` and `seconds` are wall time since the start of the run and in
    length; `cpu_seconds` is what the process and its waited-for children used, and what it
    told of others. `files` holds the text of each of the job's outputs that was written. `remembered` says that it is
    the outcome of an earlier run, of which everything that it stands on is the same.
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
    remembered: bool = False

    @property
    def ran(self) -> bool:
        """Whether the tool really looked."""
        return not self.problem
