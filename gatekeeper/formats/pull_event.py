"""Tells from the words of GitHub Actions where a report belongs; the report itself is not asked."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gatekeeper.model.errors import UsageError
from gatekeeper.model.forge import PublishTarget

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_OF_PULLS = ("pull_request", "pull_request_target")
_OF_COMMITS = ("push", "merge_group")
_QUIET = {
    "merge_group": "a merge queue judges a group of pull requests, and no single one gets a comment",
    "push": "a push belongs to no pull request",
}


def publish_target(environment: Mapping[str, str], event: object) -> PublishTarget | str:
    """The pull request that the running job is for; or why there is none, in words.

    `environment` holds the variables of GitHub Actions, `event` is the document of GITHUB_EVENT_PATH. A job on
    `workflow_run` gets the branch and the commit of the run that it follows, as GitHub tells them. Raises UsageError
    where a variable or a field is missing or is not what GitHub writes.
    """
    name = environment.get("GITHUB_EVENT_NAME", "")
    repository = environment.get("GITHUB_REPOSITORY", "")
    if not name or not _NAME.fullmatch(repository):
        raise UsageError(
            "this is no job of GitHub Actions: GITHUB_EVENT_NAME and GITHUB_REPOSITORY are not set",
            "publish from a workflow; see docs/github.md",
        )
    if name in _OF_PULLS:
        return _of_pull_request(environment, event)
    if name == "workflow_run":
        return _of_workflow_run(event, repository, environment.get("GITHUB_SERVER_URL", ""))
    return _QUIET.get(name, f"the event {re.sub('[^a-z_]', '?', name)[:40]} belongs to no pull request")


def check_target(environment: Mapping[str, str], event: object) -> PublishTarget | str:
    """The commit that gets the check run: as `publish_target`, and that of a push or of a group of a merge queue."""
    target = publish_target(environment, event)
    if isinstance(target, str) and environment.get("GITHUB_EVENT_NAME") in _OF_COMMITS:
        return _of_job(environment, 0, _sha(environment.get("GITHUB_SHA"), "GITHUB_SHA"))
    return target


def _of_pull_request(environment: Mapping[str, str], event: object) -> PublishTarget:
    number = _number(_field(event, "pull_request", "number"), "pull_request.number")
    return _of_job(environment, number, _sha(_field(event, "pull_request", "head", "sha"), "pull_request.head.sha"))


def _of_job(environment: Mapping[str, str], number: int, head_sha: str) -> PublishTarget:
    """What the running job is itself about."""
    repository = environment["GITHUB_REPOSITORY"]
    run, attempt = (_number(environment.get(key, ""), key) for key in ("GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT"))
    server = environment.get("GITHUB_SERVER_URL", "").rstrip("/")
    return PublishTarget(
        repository=repository,
        number=number,
        head="",
        head_sha=head_sha,
        run_id=run,
        attempt=attempt,
        run_url=f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}" if server else "",
    )


def _of_workflow_run(event: object, repository: str, server: str) -> PublishTarget | str:
    if _field(event, "workflow_run", "event") not in _OF_PULLS:
        return "the workflow that this job follows was not started by a pull request"
    owner = _field(event, "workflow_run", "head_repository", "owner", "login")
    branch = _field(event, "workflow_run", "head_branch")
    if not isinstance(owner, str) or not isinstance(branch, str) or not owner or not branch:
        return "the branch of the pull request is gone"
    run = _number(_field(event, "workflow_run", "id"), "workflow_run.id")
    attempt = _number(_field(event, "workflow_run", "run_attempt"), "workflow_run.run_attempt")
    page = f"{server.rstrip('/')}/{repository}/actions/runs/{run}/attempts/{attempt}" if server else ""
    sha = _sha(_field(event, "workflow_run", "head_sha"), "workflow_run.head_sha")
    return PublishTarget(repository, 0, f"{owner}:{branch}", sha, run, attempt, page)


def _field(value: object, *names: str) -> object:
    """The value under these names; None where there is none."""
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _number(value: object, name: str) -> int:
    if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
        raise UsageError(f"{name} is not the number that GitHub Actions gives", "see docs/github.md, Posting")
    return int(str(value))


def _sha(value: object, name: str) -> str:
    if not isinstance(value, str) or not _SHA.fullmatch(value):
        raise UsageError(f"{name} of the event is not a commit", "see docs/github.md, Posting")
    return value
