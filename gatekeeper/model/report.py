"""The end of a run: its verdicts, how parallel it was, and its exit code."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from gatekeeper.model.frozen import dataclass

if TYPE_CHECKING:  # the exit codes alone are needed by every command, the plan by a run that has jobs
    from gatekeeper.model.account import Account
    from gatekeeper.model.candidate import Target
    from gatekeeper.model.change import Change
    from gatekeeper.model.fix import Fixes
    from gatekeeper.model.gate_override import OverrideRecord
    from gatekeeper.model.job import Job, Outcome
    from gatekeeper.model.plan import ChangePlan
    from gatekeeper.model.policy_change import PolicyChange
    from gatekeeper.model.verdict import Verdict


class Exit(IntEnum):
    """The exit codes of the command."""

    PASSED = 0
    BLOCKED = 1
    USAGE = 2
    COULD_NOT_CHECK = 3
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Metrics:
    """How parallel a run was, against what was possible; all times in seconds.

    `makespan` is from the first start to the last end. `work` is the time that the jobs would have taken one after
    another, with the time taken out that they spent waiting for a core which another job had. `critical_path` is the
    longest chain of jobs that need each other, `bound` the least that this work can take on `cores` cores.
    `speed_up` is work / makespan, `possible` is work / bound. `launch_spread` is from the first to the last start among
    the jobs that needed nothing.
    """

    cores: int
    makespan: float
    work: float
    cpu: float
    critical_path: float
    bound: float
    speed_up: float
    possible: float
    launch_spread: float


@dataclass(frozen=True, slots=True)
class Report:
    """All that a run has to say; `plan` and `account` are absent where there was nothing to check.

    `policy_changes` are the relaxations that the change makes or asks for, `overrides` what became of each override.
    `fixes` is what fixers did before, where they were asked for.
    """

    target: Target
    change: Change
    policy_source: str
    verdicts: tuple[Verdict, ...]
    exit: Exit
    metrics: Metrics
    jobs: tuple[Job, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    plan: ChangePlan | None = None
    account: Account | None = None
    policy_changes: tuple[PolicyChange, ...] = ()
    overrides: tuple[OverrideRecord, ...] = ()
    fixes: Fixes | None = None
