"""Puts engine and edges together: looks at a change, has it judged, and tells how it ended."""

from __future__ import annotations

import os
import time

from gatekeeper.edges.places import own_slot
from gatekeeper.engine.broadcast import Broadcast
from gatekeeper.engine.decide import decide
from gatekeeper.look_wiring import Ground, Plans, RunOptions, look, part_for, plans_of
from gatekeeper.model.candidate import Candidate
from gatekeeper.model.events import GateJudged, RunAbandoned, RunEnded, RunStarted
from gatekeeper.model.frozen import replace
from gatekeeper.model.report import Report
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.metrics import measure
from gatekeeper.ports import Reporter

__all__ = ["RunOptions", "judge"]


def judge(options: RunOptions, reporters: tuple[tuple[str, Reporter], ...]) -> Report:
    """Judge what the options name and tell the reporters all along; the report says how it ended.

    An interrupt stops every job, leaves nothing to restore, and goes on to the caller.
    """
    epoch = time.monotonic()
    ground = look(options)
    plans = plans_of(options, ground)
    broadcast = Broadcast(reporters)
    try:
        if _concerns_no_gate(ground, plans):
            report = _nothing_to_check(ground, plans, broadcast, epoch)
        else:
            from gatekeeper.run_wiring import carry_out  # noqa: PLC0415 - half of the code, for nothing to check

            with own_slot(ground.repository.common_dir) as slot:
                report = carry_out(options, ground, plans, slot, broadcast, epoch)
        report = _with_overrides(report, ground)
        from gatekeeper.record_wiring import record_run  # noqa: PLC0415 - the verdicts came first

        said = record_run(ground.repository, report, ground.policy, os.environ, options.hook, not options.gates)
    except BaseException:
        broadcast.tell(RunAbandoned())
        raise
    report = replace(report, troubles=tuple(broadcast.troubles), notes=(*report.notes, *said))
    if options.fixes is not None:
        from gatekeeper.formats.fix_text import with_fixes  # noqa: PLC0415 - most runs fix nothing

        report = with_fixes(report, options.fixes)
    broadcast.tell(RunEnded(report))
    return replace(report, troubles=tuple(broadcast.troubles))


def _with_overrides(report: Report, ground: Ground) -> Report:
    """The report with what became of the overrides."""
    from gatekeeper.engine.overriding import settled  # noqa: PLC0415 - after the verdicts

    return replace(report, overrides=settled(ground.policy.overrides, report.verdicts))


def _concerns_no_gate(ground: Ground, plans: Plans) -> bool:
    """Whether no gate has anything of the change to look at; a command without `paths` runs for its own sake."""
    return not ground.target.whole and all(
        part_for(ground, project, gate).is_empty and (not gate.command or gate.paths)
        for project, _, gates in plans
        for gate in gates
    )


def _nothing_to_check(ground: Ground, plans: Plans, broadcast: Broadcast, epoch: float) -> Report:
    """The report of a run with nothing to lay out and nothing to start; a commit waits for it, so it is quick."""
    from gatekeeper.formats.relaxations import relaxations  # noqa: PLC0415 - else listed while the jobs run

    verdicts = tuple(
        Verdict(gate.name, Status.SKIPPED, "nothing changed", advisory=gate.advisory, project=project.root)
        for project, _, gates in plans
        for gate in gates
    )
    names = tuple(verdict.name for verdict in verdicts)
    place = Candidate(str(ground.top), str(ground.top), True)
    broadcast.tell(RunStarted(ground.target, ground.change, place, names, ground.policy.source))
    for verdict in verdicts:
        broadcast.tell(GateJudged(verdict))
    return Report(
        ground.target, ground.change, ground.policy.source, verdicts, decide(verdicts),
        measure((), {}, os.cpu_count() or 1), seconds=time.monotonic() - epoch, notes=ground.policy.notes,
        policy_changes=relaxations(ground.change, ground.target, ground.policy.changes),
    )  # fmt: skip
