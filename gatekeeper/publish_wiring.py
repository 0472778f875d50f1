"""Posts a report: finds out where it belongs, renders the comment or the check run, and brings it up to date there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from gatekeeper.edges.documents import read_document
from gatekeeper.edges.forge import Clock, Forge
from gatekeeper.edges.forge_comments import Comments, find_pull
from gatekeeper.formats.comment import render_comment, stable_part
from gatekeeper.formats.pull_event import check_target, publish_target
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.forge import PublishTarget

_REPORT = 100 << 20
_EVENT = 32 << 20
_TOKENS = ("GATEKEEPER_TOKEN", "GITHUB_TOKEN")
_APP_TOKEN = "GATEKEEPER_APP_TOKEN"  # noqa: S105 - the name of a variable
_ACTIONS = "github-actions"
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")
_LONGEST_NAME = 100
_Form = TypeVar("_Form")


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """What the command line asks for; `comment` is "always", "on-failure" or "off", `author` "" for whoever it is.

    `check_run` is the name of the check run, "" for none, and `app` the short name of the GitHub App that makes it.
    Raises UsageError for names that these cannot have.
    """

    report: str
    comment: str = "always"
    id: str = "default"
    author: str = ""
    dry_run: bool = False
    check_run: str = ""
    app: str = ""

    def __post_init__(self) -> None:
        """Look at the names before anything is posted."""
        if not self.check_run:
            return
        if len(self.check_run) > _LONGEST_NAME or not self.check_run.isprintable() or not self.check_run.strip():
            raise UsageError(
                f"{self.check_run[:80]!r} cannot be the name of a check run", "for example --check-run gate"
            )
        if not _SLUG.fullmatch(self.app) or self.app.lower() == _ACTIONS:
            raise UsageError(
                "--check-run needs --app SLUG, the name of your own GitHub App in its address",
                "GitHub Actions is none: what the token of a job makes lands in any workflow; see docs/github.md",
            )


@dataclass(frozen=True, slots=True)
class Published:
    """What was done, in words; `body` is the comment, where it was only to be shown."""

    said: str
    body: str = ""


def publish(options: PublishOptions, environment: Mapping[str, str], clock: Clock | None = None) -> Published:
    """Post the report, or tell why that was not done.

    Raises GatekeeperError where it should have been done and could not be.
    """
    if options.comment == "off":
        return Published("no comment: --comment off")
    target = publish_target(environment, _event(environment))
    if isinstance(target, str):
        return Published(f"no comment: {target}")
    report = _report(options)
    context = _context(options, target, environment, _merge(report, target, environment))
    body = _rendered(render_comment, report, context)
    _check_commit(report, target, environment)
    may_create = options.comment == "always" or report["verdict"] != "passed"
    token = next((environment[name].strip() for name in _TOKENS if environment.get(name)), "")
    forge = Forge(_address(environment), token, clock or Clock())
    if not forge.token:
        if options.dry_run:
            return Published("would post this (not looked: there is no token)", body)
        raise GatekeeperError("there is no token to post with", "set GITHUB_TOKEN in the `env:` of this step")
    pull, why = find_pull(forge, target)
    if pull is None:
        return Published(f"no comment: {why}")
    comments = Comments(forge, pull.number, context, stable_part, options.author)
    place = f"pull request {pull.number} of {target.repository}"
    if options.dry_run:
        return Published(f"{place}: {comments.foretell(body, may_create)}", body)
    return Published(f"{place}: {comments.bring(body, may_create)}")


def publish_check(options: PublishOptions, environment: Mapping[str, str], clock: Clock | None = None) -> Published:
    """Bring the check run of the commit up to date, or tell why that was not done.

    Raises GatekeeperError where it should have been done and could not be.
    """
    from gatekeeper.edges.forge_checks import HINTS, Checks  # noqa: PLC0415 - few ask for a check run
    from gatekeeper.formats.check_run import render_check  # noqa: PLC0415

    target = check_target(environment, _event(environment))
    if isinstance(target, str):
        return Published(f"no check run: {target}")
    report = _report(options)
    context = _context(options, target, environment, _merge(report, target, environment))
    wanted = _rendered(partial(render_check, name=options.check_run), report, context)
    _check_commit(report, target, environment)
    forge = Forge(_address(environment), _app_token(environment), clock or Clock(), hints=HINTS)
    checks = Checks(forge, target.repository, options.app)
    place = f"commit {target.head_sha[:7]} of {target.repository}"
    done = checks.foretell(wanted) if options.dry_run else checks.bring(wanted)
    return Published(f"{place}: {done} ({wanted.conclusion})")


def _app_token(environment: Mapping[str, str]) -> str:
    """The token of the app; that of the job is refused, since nothing else tells it from one of an app."""
    token = environment.get(_APP_TOKEN, "").strip()
    if not token:
        raise GatekeeperError("there is no token of an app to make a check run with", f"set {_APP_TOKEN}")
    if token == environment.get("GITHUB_TOKEN", "").strip():
        raise GatekeeperError(
            f"{_APP_TOKEN} is the same as GITHUB_TOKEN, and the token of a job makes no check run",
            "give it the token of a GitHub App; where that app comments too, name its token GATEKEEPER_TOKEN",
        )
    return token


def _report(options: PublishOptions) -> dict[str, Any]:
    report = read_document(options.report, _REPORT, "the report")
    if not isinstance(report, dict):
        raise GatekeeperError("the report is no report: it has no fields")
    return report


def _event(environment: Mapping[str, str]) -> object:
    path = environment.get("GITHUB_EVENT_PATH", "")
    hint = "GITHUB_EVENT_PATH names it, and GitHub Actions writes it"
    return read_document(path, _EVENT, "the event file", hint) if path else None


def _merge(report: Mapping[str, Any], target: PublishTarget, environment: Mapping[str, str]) -> str:
    """The merge commit of this job, if the report says that it was judged: its lines are those of the findings.

    A job on `workflow_run` does not know the commit, and a report could name one of another repository.
    """
    named, own = report.get("target"), environment.get("GITHUB_SHA", "")
    return own if not target.head and isinstance(named, Mapping) and named.get("head") == own else ""


def _context(
    options: PublishOptions, target: PublishTarget, environment: Mapping[str, str], judged: str
) -> CommentContext:
    server = (environment.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/")
    try:
        return CommentContext(
            server, target.repository, target.run_url, target.run_id, target.attempt, target.head_sha, options.id,
            judged,
        )  # fmt: skip
    except ValueError as error:
        raise UsageError(str(error), "an --id has letters, digits, '.', '_' and '-'") from None


def _rendered(
    render: Callable[[Mapping[str, Any], CommentContext], _Form], report: Mapping[str, Any], context: CommentContext
) -> _Form:
    try:
        return render(report, context)
    except UnreadableReport as error:
        raise GatekeeperError(f"the report cannot be used: {error}", "") from None


def _check_commit(report: Mapping[str, Any], target: PublishTarget, environment: Mapping[str, str]) -> None:
    """Refuse a report of another commit: a file of that name could come with the change itself.

    A job on `workflow_run` cannot tell, since the merge commit that was judged is known to the other run alone.
    """
    judged, own = report["target"]["head"], (target.head_sha, environment.get("GITHUB_SHA", ""))
    if not target.head and judged not in own:
        raise GatekeeperError(
            f"the report is about {judged[:40] or 'no commit'!r}, and this job about {own[1] or own[0]}",
            "publish the report that `gatekeeper run` wrote in this job, for a range of commits",
        )


def _address(environment: Mapping[str, str]) -> str:
    return environment.get("GITHUB_API_URL") or "https://api.github.com"
