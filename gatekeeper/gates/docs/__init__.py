"""The docs gate: what a change adds to, alters in or takes from the public interface is documented."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gatekeeper.formats.basis import basis_of
from gatekeeper.formats.docs_paths import is_docs, markup_of
from gatekeeper.gates.docs import openapi
from gatekeeper.model.change import FileChange, Role
from gatekeeper.model.job import Job
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Outcomes, Request

if TYPE_CHECKING:
    from gatekeeper.gates.docs.checks import Item

_JOB = "docs.inspect"
_EXEMPT = "^(visit|depart)_"
_NOTHING = "nothing to document: no public signature or docstring, documentation or API description is altered"


class DocsGate:
    """Asks one program for the facts about both trees, and judges them by the criteria D1 to D6."""

    reads: tuple[tuple[str, str], ...] = ()

    def plan(self, request: Request, outcomes: Outcomes) -> tuple[Job, ...]:
        """The inspection, where it has something to look at, and the OpenAPI command, where one is set."""
        jobs = []
        if request.target.whole or any(_concerns(file) for file in request.change.files):
            jobs.append(_inspection(request))
            if (
                openapi.command_of(request)
                and not openapi.trouble(request)
                and (request.target.whole or _may_change_routes(request))
            ):
                jobs.append(openapi.generation(request))
        return tuple(jobs)

    def judge(self, request: Request, outcomes: Outcomes) -> Verdict:
        """What the facts say of the change."""
        if _JOB not in outcomes:
            return Verdict(request.policy.name, Status.SKIPPED, _NOTHING)
        from gatekeeper.gates.docs.judgement import verdict_of  # noqa: PLC0415 - only where something was looked at

        job, problem = _unseen(request, outcomes)
        if problem:
            return _could_not_look(request, outcomes, job, problem)
        try:
            facts = json.loads(outcomes[_JOB].stdout)
            items = _items(request, outcomes, facts)
            if isinstance(items, str):
                return _could_not_look(request, outcomes, openapi.JOB, items)
            if facts["unreadable"] and request.environment.version[:2] > tuple(facts["python"]):
                return _too_old(request, facts)
            return verdict_of(request, facts, items, _NOTHING)
        except (ValueError, KeyError, TypeError, re.error) as error:
            what = "`exempt` is no regular expression" if isinstance(error, re.error) else "unreadable answer"
            return _could_not_look(request, outcomes, _JOB, f"{what} ({type(error).__name__}: {error})")


def _unseen(request: Request, outcomes: Outcomes) -> tuple[str, str]:
    """The job that saw nothing, and why; both empty where every job looked."""
    trouble = openapi.trouble(request)
    if trouble:
        return openapi.JOB, trouble
    own = (outcome for job, outcome in outcomes.items() if job in (_JOB, openapi.JOB))
    return next(((outcome.job, outcome.problem) for outcome in own if not outcome.ran), ("", ""))


def _concerns(file: FileChange) -> bool:
    """Whether a changed file can matter to a criterion."""
    if file.path.endswith(".py") or (file.base_path or "").endswith(".py"):
        return file.role is not Role.TEST
    return file.exists and is_docs(file.path) and _brings_samples(file)


def _brings_samples(file: FileChange) -> bool:
    """Whether the documentation has a Python sample that it had not: one that stays is as good as the code under it."""
    from gatekeeper.formats.docs_text import code_blocks  # noqa: PLC0415 - most changes have no documentation

    before, now = (
        {block.text for block in code_blocks(text or "", markup_of(path or "")) if block.is_python}
        for path, text in ((file.base_path, file.base_text), (file.path, file.text))
    )
    return file.text is None or not now <= before


def _may_change_routes(request: Request) -> bool:
    return any(file.role in (Role.SOURCE, Role.OTHER, Role.TOOLING) for file in request.change.files)


def _inspection(request: Request) -> Job:
    asked = {
        "head": request.candidate.directory,
        "base": request.candidate.base_directory,
        "root": request.project.root,
        "import_roots": request.project.import_roots,
        "packages": request.project.packages,
        "search_path": request.environment.search_path,
        "files": [
            {"path": file.path, "base_path": file.base_path, "exists": file.exists and file.mode.startswith("100")}
            for file in request.change.files
        ],
        "whole": request.target.whole,
        "scope": str(request.policy.value("scope", "public")),
        "openapi_file": openapi.file_of(request),
    }
    question = json.dumps(asked)
    return Job(
        id=_JOB,
        gate=request.policy.name,
        label="compare the public interface and its documentation",
        argv=(request.own_python, "-P", "-E", f"{request.programs}/inspectors/api.py"),
        cwd=request.candidate.directory,
        seconds_limit=request.policy.seconds_limit,
        stdin=question,
        basis=basis_of(request, question),
    )


def _items(request: Request, outcomes: Outcomes, facts: Mapping[str, Any]) -> list[Item] | str:
    """Everything that was checked, or why the OpenAPI description could not be."""
    from gatekeeper.gates.docs import checks  # noqa: PLC0415 - only where something was looked at

    items = [
        *checks.docstring_items(facts, str(request.policy.value("exempt", _EXEMPT) or "")),
        *checks.parameter_items(facts),
        *checks.changelog_items(facts, request.change, _news_folder(request, facts)),
        *checks.mention_items(facts),
        *checks.sample_items(facts),
    ]
    if openapi.JOB not in outcomes:
        return [*items, *checks.route_items(facts, request.change)]
    path = facts["specs"][0] if facts["specs"] else ""
    compared = openapi.comparison(request, outcomes[openapi.JOB], path, facts["spec"])
    return compared if isinstance(compared, str) else [*items, compared]


def _news_folder(request: Request, facts: Mapping[str, Any]) -> str:
    """The folder of news entries that the policy names, or else towncrier's settings, relative to the repository."""
    folder = str(request.policy.value("changelog") or facts["news"]).removeprefix("./").strip("/")
    return f"{request.project.root}/{folder}" if folder and request.project.root else folder


def _could_not_look(request: Request, outcomes: Outcomes, job: str, problem: str) -> Verdict:
    said = outcomes[job].stderr.strip().splitlines() if job in outcomes else []
    notes = (f"{job} said: {said[-1][:300]}",) if said else ()
    if job == openapi.JOB:
        hint = f"Run `{openapi.command_of(request)}` in the project's environment and mend what it says"
    else:
        hint = "Run it again with --verbose; if it stays, switch the gate off for now: gates: {docs: {enabled: false}}"
    summary = f"documentation could not be looked at: {problem}"
    return Verdict(request.policy.name, Status.ERROR, summary, notes=notes, hint=hint)


def _too_old(request: Request, facts: Mapping[str, Any]) -> Verdict:
    own, theirs = (".".join(map(str, version[:2])) for version in (facts["python"], request.environment.version))
    files = ", ".join(seen["path"] for seen in facts["unreadable"][:3])
    return Verdict(
        request.policy.name,
        Status.ERROR,
        f"documentation could not be looked at: Gatekeeper runs on Python {own} and cannot parse {files}",
        hint=f"Install Gatekeeper under Python {theirs}, which the project uses",
    )


GATE = DocsGate()
