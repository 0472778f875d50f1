"""Posts a report: finds the pull request that it belongs to, renders the comment, and brings it up to date there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatekeeper.edges.documents import read_document
from gatekeeper.edges.forge import Clock, Forge
from gatekeeper.edges.forge_comments import Comments, find_pull
from gatekeeper.formats.comment import render_comment, stable_part
from gatekeeper.formats.pull_event import publish_target
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.forge import PublishTarget

_REPORT = 100 << 20
_EVENT = 32 << 20
_TOKENS = ("GATEKEEPER_TOKEN", "GITHUB_TOKEN")


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """What the command line asks for; `comment` is "always", "on-failure" or "off", `author` "" for whoever it is."""

    report: str
    comment: str = "always"
    id: str = "default"
    author: str = ""
    dry_run: bool = False


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
    report = read_document(options.report, _REPORT, "the report")
    context = _context(options, target, environment)
    if not isinstance(report, dict):
        raise GatekeeperError("the report is no report: it has no fields")
    body = _rendered(report, context)
    _check_commit(report, target, environment)
    may_create = options.comment == "always" or report["verdict"] != "passed"
    forge = _forge(environment, clock or Clock())
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


def _event(environment: Mapping[str, str]) -> object:
    path = environment.get("GITHUB_EVENT_PATH", "")
    hint = "GITHUB_EVENT_PATH names it, and GitHub Actions writes it"
    return read_document(path, _EVENT, "the event file", hint) if path else None


def _context(options: PublishOptions, target: PublishTarget, environment: Mapping[str, str]) -> CommentContext:
    server = (environment.get("GITHUB_SERVER_URL") or "https://github.com").rstrip("/")
    try:
        return CommentContext(
            server, target.repository, target.run_url, target.run_id, target.attempt, target.head_sha, options.id
        )
    except ValueError as error:
        raise UsageError(str(error), "an --id has letters, digits, '.', '_' and '-'") from None


def _rendered(report: Mapping[str, Any], context: CommentContext) -> str:
    try:
        return render_comment(report, context)
    except UnreadableReport as error:
        raise GatekeeperError(f"the report cannot be used: {error}", "") from None


def _check_commit(report: Mapping[str, Any], target: PublishTarget, environment: Mapping[str, str]) -> None:
    """Refuse a report of another commit: a file of that name could come with the change itself.

    A job on `workflow_run` cannot tell, since the merge commit that was judged is known to the other run alone.
    """
    judged, own = report["target"]["head"], (target.head_sha, environment.get("GITHUB_SHA", ""))
    if target.number and judged not in own:
        raise GatekeeperError(
            f"the report is about {judged[:40] or 'no commit'!r}, and this job about {own[1] or own[0]}",
            "publish the report that `gatekeeper run` wrote in this job, for a range of commits",
        )


def _forge(environment: Mapping[str, str], clock: Clock) -> Forge:
    token = next((environment[name].strip() for name in _TOKENS if environment.get(name)), "")
    return Forge(environment.get("GITHUB_API_URL") or "https://api.github.com", token, clock)
