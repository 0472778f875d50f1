"""Carrying a plan out: what agents are given, what they did, what came of it, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.model.coding_agent import CodingAgent
from gatekeeper.model.finding import Finding
from gatekeeper.model.plan import Pillar
from gatekeeper.model.report import Report


class State(StrEnum):
    """Where a workstream stands."""

    WAITING = "waiting"
    WORKING = "working"
    LANDED = "landed"
    JUDGING = "judging"
    PASSED = "passed"
    BLOCKED = "blocked"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Work:
    """One attempt at a workstream, as the orchestrator wants it done: by the agent of this name, from this commit.

    `before` says what went wrong with the attempt before, `conflict` names the paths in which its work could not be
    joined with that of others; `findings` and `criteria` are what has to be mended, in iteration `iteration` (0 for the
    work itself).
    """

    id: str
    title: str
    pillar: Pillar
    agent: str
    lane: tuple[str, ...]
    start: str
    attempt: int = 1
    before: str = ""
    conflict: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    criteria: tuple[str, ...] = ()
    iteration: int = 0


@dataclass(frozen=True, slots=True)
class Assignment:
    """One attempt of an agent at a workstream.

    `worktree` is a folder of its own at the commit `base`, `scratch` one beside it for the prompt and reports; `lane`
    are the patterns of the paths that it alone may change. `attempt` counts from 1.
    """

    workstream: str
    attempt: int
    agent: CodingAgent
    worktree: str
    scratch: str
    base: str
    prompt: str
    lane: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """What an agent showed of its progress; `tokens` and `cost` (US dollars) so far, 0 where it does not say."""

    text: str
    tokens: int = 0
    cost: float = 0.0


@dataclass(frozen=True, slots=True)
class Worked:
    """How an agent came to its end. `problem` is empty when it ended by itself with 0, which proves nothing."""

    exit_code: int | None
    seconds: float
    tokens: int = 0
    cost: float = 0.0
    last_words: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Landing:
    """What lay in a worktree when its agent had ended, committed: `commit` is empty when nothing was changed.

    `files` are the changed paths inside the lane, `outside` those beside it, which are in no commit of the lane;
    `saved` holds everything, `outside` and what was ignored by nobody included, so that nothing is ever lost.
    """

    commit: str
    files: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0
    saved: str = ""


@dataclass(frozen=True, slots=True)
class Landed:
    """What an attempt brought: a commit on top of `work.start`, or a problem and no commit; `note` is for people."""

    work: Work
    commit: str
    files: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0
    problem: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """Several lanes joined: the new head, the lanes that are in it, and (lane, path) of what was in conflict."""

    head: str
    lanes: tuple[str, ...]
    conflicts: tuple[tuple[str, str], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Merge:
    """What came of joining two commits: the new commit and its tree, or the paths in conflict."""

    commit: str
    tree: str
    conflicts: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the gates said of a commit; without a report, `problem` says why they could not."""

    commit: str
    report: Report | None
    seconds: float = 0.0
    problem: str = ""


class Ending(StrEnum):
    """How an orchestration ended."""

    APPROVED = "approved"
    NEEDS_YOU = "needs you"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Steps:
    """What follows from a judgement: an ending, or work that mends it.

    `remaining` are the failures in words, `reason` why it ends here, `findings` how many of them block.
    """

    ending: Ending | None
    works: tuple[Work, ...] = ()
    remaining: tuple[str, ...] = ()
    reason: str = ""
    findings: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an orchestration has come, as it is kept to be resumed.

    `head` is the joined commit, empty until all lanes are in it; `landed` are the lanes that have come so far.
    """

    head: str = ""
    landed: tuple[Landed, ...] = ()
    iteration: int = 0


@dataclass(frozen=True, slots=True)
class Orchestrated:
    """The end: `commit` is the joined work as far as it came, `reason` why it ended so, and `remaining` what is left.

    `spans` are workstreams with start and end in seconds since the beginning, `judgements` those of the whole, in
    order, and `beside` those of lanes that landed while others were at work. It was mended `iterations` times.
    """

    ending: Ending
    commit: str
    reason: str = ""
    remaining: tuple[str, ...] = ()
    landed: tuple[Landed, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    beside: tuple[Judgement, ...] = ()
    spans: tuple[tuple[str, float, float], ...] = ()
    iterations: int = 0
