"""Tells how long the workstreams of a plan took in a run, for the estimates of the plans to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from gatekeeper.model.change import Change
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.plan import GATES_OF, ChangePlan, Phase, Workstream
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.planning.decompose import weights_of
from gatekeeper.planning.estimate import history_key, size_of


def samples(
    plan: ChangePlan, change: Change, jobs: Sequence[Job], outcomes: Mapping[str, Outcome], verdicts: Sequence[Verdict]
) -> tuple[tuple[str, float], ...]:
    """The seconds of each workstream that the run carried out, by its `history_key`.

    A gate looks at the whole change at once, so a pillar with several workstreams tells nothing of one of them. What
    could not look, was skipped, or was taken from an earlier run took no time worth remembering.
    """
    judging = [w for w in plan.workstreams if w.phase is Phase.JUDGE]
    counts = Counter(w.pillar for w in judging)
    weights = weights_of(change)
    found = []
    for stream in judging:
        if counts[stream.pillar] == 1:
            seconds = _seconds(stream, jobs, outcomes, verdicts)
            if seconds > 0:
                lines = sum(weights.get(path, 1) for path in stream.scope)
                kind = plan.classification.kind
                found.append((history_key(kind, stream.pillar, stream.phase, size_of(lines)), seconds))
    return tuple(found)


def _seconds(
    stream: Workstream, jobs: Sequence[Job], outcomes: Mapping[str, Outcome], verdicts: Sequence[Verdict]
) -> float:
    """From the first start to the last end of the jobs of a workstream's gates; 0 where one of them did not look.

    The validation is every gate on the whole, so it takes as long as the run.
    """
    gates = GATES_OF.get(stream.pillar)
    mine = [verdict for verdict in verdicts if gates is None or verdict.gate in gates]
    if not mine or any(verdict.reused or verdict.status not in (Status.PASSED, Status.FAILED) for verdict in mine):
        return 0.0
    names = {verdict.name for verdict in mine}
    ran = [outcomes[job.id] for job in jobs if job.gate in names and job.id in outcomes and outcomes[job.id].ran]
    if not ran:
        return 0.0
    return max(each.started + each.seconds for each in ran) - min(each.started for each in ran)
