"""The gate log of an orchestration: what each pillar of quality looked at and found, over all its judgements."""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.model.account import Account
from gatekeeper.model.finding import Severity
from gatekeeper.model.orchestration import Ending, State
from gatekeeper.model.plan import Pillar
from gatekeeper.model.verdict import Status


@dataclass(frozen=True, slots=True)
class PillarLog:
    """A pillar, and its `verdict` on the integrated tree: the worst of its gates; `gates` are their names.

    `findings`, `tests_run`, `documents` and `files` (the changed files that it examined) are those of the last
    judgement of the whole, `findings` without severities that have none, the worst first. `seconds` adds up its gates
    over all `judgements`, those of lanes too, and `found` is how many findings all of them had together. `summary` is
    a line such as "9.40/10 of 8.50/10; 412 passed".
    """

    pillar: Pillar
    verdict: Status
    gates: tuple[str, ...]
    seconds: float
    judgements: int
    files: tuple[str, ...]
    findings: tuple[tuple[Severity, int], ...] = ()
    tests_run: int = 0
    documents: tuple[str, ...] = ()
    found: int = 0
    summary: str = ""


@dataclass(frozen=True, slots=True)
class LaneLog:
    """A workstream at the end; `note` says why it stands where it does. 0 `tokens` and `cost` mean unsaid."""

    id: str
    title: str
    agent: str
    state: State
    attempts: int
    seconds: float
    files: int = 0
    added: int = 0
    removed: int = 0
    tokens: int = 0
    cost: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """The end of the orchestration `run` of `title` on the commit `base`.

    `remaining` are the failures that are left, a line each, and `hint` the line to go on with. `commit`, `branch` and
    `patch` say where the work is, each "" where there is none; `applied` that the user's branch holds it. `account` is
    held against the plan by the starts and ends of the lanes, None where nothing ran. `integration` are the seconds
    that the joining took.
    """

    run: str
    title: str
    base: str
    ending: Ending
    lanes: tuple[LaneLog, ...]
    pillars: tuple[PillarLog, ...]
    seconds: float
    iterations: int = 0
    limit: int = 3
    integration: float = 0.0
    account: Account | None = None
    commit: str = ""
    branch: str = ""
    patch: str = ""
    applied: bool = False
    remaining: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hint: str = ""
