"""Says why a command gate could not look, and what a person can do about it."""

from __future__ import annotations

from gatekeeper.formats.tool_environment import PATH_FIRST
from gatekeeper.formats.tool_output import output_tail
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.job import Job, Outcome
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request


def unusable(request: Request, why: str) -> Verdict:
    """The verdict on a gate whose settings do not describe a command that can be started."""
    name = request.policy.name
    setting = request.policy.settings.get("run")
    place = f" ({setting.origin})" if setting else ""
    return Verdict(name, Status.ERROR, why, hint=f"Mend the settings of the gate {name}{place}")


def could_not_look(request: Request, job: Job, outcome: Outcome | None) -> Verdict:
    """The verdict where a command was not started, or did not get to its end."""
    if outcome is None:
        return Verdict(job.gate, Status.ERROR, f"{job.label} was not run", hint="Run the gate again")
    finding = Finding(
        job.gate, "did-not-look", outcome.problem, Severity.HIGH, detail=output_tail(outcome), blocks=True
    )
    return Verdict(job.gate, Status.ERROR, outcome.problem, findings=(finding,), hint=_hint(request, job, outcome))


def unread(request: Request, why: str, outcome: Outcome, hint: str) -> Verdict:
    """The verdict where the command ended as it should and its report is missing, unreadable, or at odds with it."""
    finding = Finding(request.policy.name, "report", why, Severity.HIGH, detail=output_tail(outcome), blocks=True)
    return Verdict(request.policy.name, Status.ERROR, why, findings=(finding,), hint=hint)


def _hint(request: Request, job: Job, outcome: Outcome) -> str:
    name, program = job.gate, job.argv[0]
    if outcome.exit_code is not None and outcome.exit_code not in job.looked:
        fails = sorted({*job.looked, outcome.exit_code} - {0})
        return f"If exit code {outcome.exit_code} means that {program} looked and found something, set `fails: {fails}`"
    if "time limit" in outcome.problem:
        return f"Set a larger `timeout` than {job.seconds_limit:g} seconds for the gate {name}"
    if outcome.exit_code is None and "could not be started" in outcome.problem:
        places = dict(job.env).get(PATH_FIRST, "").replace(":", ", ")
        return f"Install {program}; it is looked for in {places} and on the PATH"
    if outcome.problem.startswith("there is no folder"):
        return "First merge a change that takes the configuration of this project away, then remove its folder"
    return f"Run it by hand in {request.project.root or 'the root of the repository'}: {request.policy.command}"
