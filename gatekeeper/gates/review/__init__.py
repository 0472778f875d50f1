"""The gate `review`: what the change introduces, by pylint, ruff and a search for secrets, as findings and a score."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.gates.review import dependents, jobs, profile
from gatekeeper.gates.review.judgement import Unseen, Weighed, decide, finding, unseen
from gatekeeper.gates.review.scope import any_scope, python_scope
from gatekeeper.gates.review.secrets import Secret, secrets_in
from gatekeeper.gates.review.severities import pylint_severity
from gatekeeper.model.change import FileChange
from gatekeeper.model.finding import Finding
from gatekeeper.model.job import Job
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request


class Review:
    """Reads nobody's outcomes; plans one job for each tool."""

    reads: tuple[tuple[str, str], ...] = ()

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """All jobs are known from the start."""
        if request.policy.command:
            from gatekeeper.gates.review import command  # noqa: PLC0415 - few projects have a linter of their own

            files = any_scope(request.change).files
            return command.plan(request, files) if files else ()
        return (*jobs.plan(request, python_scope(request.change).files), *dependents.plan(request))

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        """Passed when the score reaches the minimum and no introduced finding is as bad as the policy blocks."""
        if request.change.is_empty:
            return Verdict(request.policy.name, Status.SKIPPED, "nothing changed")
        scope = any_scope(request.change) if request.policy.command else python_scope(request.change)
        planned = self.plan(request, outcomes)
        for job in planned:
            if job.id not in outcomes or not outcomes[job.id].ran:
                return unseen(request, job, outcomes.get(job.id))
        try:
            weighed = _weigh(request, scope.files, outcomes) if scope.files else Weighed()
            weighed = weighed.with_more(*_dependents(request, outcomes))
        except Unseen as trouble:
            return trouble.verdict(request)
        found, notes = _secrets(request)
        return decide(request, weighed.with_more(found, (*scope.notes, *notes)))


def _weigh(request: Request, files: Sequence[FileChange], outcomes: Outcomes) -> Weighed:
    if request.policy.command:
        from gatekeeper.gates.review.command import weigh  # noqa: PLC0415 - as above

        return weigh(request, files, outcomes)
    from gatekeeper.gates.review.python import weigh_python  # noqa: PLC0415 - only where Python changed

    return weigh_python(request, files, outcomes)


def _dependents(request: Request, outcomes: Outcomes) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The errors that the change makes in unchanged files; the score, whose size is that of the change, leaves them."""
    fresh, notes = dependents.new_errors(request, outcomes)
    packages = request.project.packages
    known = [(m, profile.quoted_module(m).partition(".")[0] in packages) for m in fresh]
    return tuple(finding(request, message, pylint_severity(message, is_ours)) for message, is_ours in known), notes


def _secrets(request: Request) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """The credentials on added lines, and notes about those that are kept for a reason."""
    ignored = jobs.ignored(request)
    seen = [secret for file in request.change.files for secret in secrets_in(file) if secret.rule not in ignored]
    kept = tuple(f"secret allowed at {s.path}:{s.line}: {s.allowed}" for s in seen if s.allowed)
    unread = [file.path for file in request.change.files if file.exists and file.text is None and not file.binary]
    unread = [path for path in unread if not _is_no_text(request, path)]
    notes = (*kept, f"too large to be searched for secrets: {', '.join(unread[:5])}") if unread else kept
    return tuple(_secret_finding(request, secret) for secret in seen if not secret.allowed), notes


def _is_no_text(request: Request, path: str) -> bool:
    """Whether this is a link or a submodule, which has no text of its own."""
    file = request.change.file(path)
    return file is None or not file.mode.startswith("100")


def _secret_finding(request: Request, secret: Secret) -> Finding:
    return Finding(
        gate=request.policy.name,
        rule=secret.rule,
        message=secret.message,
        severity=secret.severity,
        path=secret.path,
        line=secret.line,
        column=secret.column,
        detail=secret.masked,
        blocks=secret.severity.reaches(request.policy.block),
    )


GATE = Review()
