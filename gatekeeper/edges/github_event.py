"""Finds out what a run of GitHub Actions is to judge: what its event brings, against what was there before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gatekeeper.edges.git import Repository
from gatekeeper.edges.pushes import is_protected_by
from gatekeeper.edges.targets import Wish, find_target, range_target, short
from gatekeeper.formats.github_event import MOST_BYTES, ON_PULL_REQUEST, GithubEvent, branch_of, read_event
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.candidate import Target
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.frozen import replace

_WITHOUT_CHANGE = frozenset({"workflow_dispatch", "schedule"})
_HISTORY = "check out with `fetch-depth: 0`"
_MERGED = "check out with `fetch-depth: 2` or more"
_SAME_COMMIT = "check out what the event is of: actions/checkout without `ref`, in the first step of the job"


def event_target(repository: Repository, variables: Mapping[str, str]) -> Target:
    """What the event of this run of GitHub Actions brings; `variables` is the environment.

    A pull request is its merge commit against the first parent of that, or its head against where it leaves the base
    branch, whichever is checked out. A merge queue and a push to the default or a protected branch are the two commits
    that the payload names. Any other push, and any other event on another branch, is what the branch has and the
    default branch has not, by the policy of the default branch: whoever pushes twice does not choose the judge by the
    first push. What is left (a schedule, the default branch) is every file.

    Raises `UsageError` outside of GitHub Actions and for `pull_request_target`, and `GatekeeperError` where a commit is
    not here or another one is checked out: nothing is ever judged against a guess.
    """
    event = _event(variables)
    if event.name in ON_PULL_REQUEST:
        return _pull_request(repository, event, variables.get("GITHUB_SHA", ""))
    if event.name == "merge_group":
        head, base = _here(repository, event.head, "the merge group", _HISTORY), event.base
        _here(repository, base, "its base", _HISTORY)
        title = f"{short(repository, head)} against {short(repository, base)}, for the merge queue"
        return range_target(repository, base, head, title)
    if event.name == "push":
        return _push(repository, event)
    return _state(repository, event, branch_of(variables.get("GITHUB_REF", "")))


def _event(variables: Mapping[str, str]) -> GithubEvent:
    name, place = variables.get("GITHUB_EVENT_NAME", ""), variables.get("GITHUB_EVENT_PATH", "")
    if not name or not place:
        raise UsageError(
            "--github needs GITHUB_EVENT_NAME and GITHUB_EVENT_PATH, which GitHub Actions sets",
            "elsewhere, name the change: --base REF, or --from A --to B",
        )
    if name == "pull_request_target":
        raise UsageError(
            "pull_request_target would run the code of the change with the rights of the base",
            "start the workflow on `pull_request` instead",
        )
    try:
        with Path(place).open("rb") as stream:
            payload = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise GatekeeperError(f"the event in {place} cannot be read: {error.strerror}", "run the job again") from error
    return read_event(name, payload)


def _pull_request(repository: Repository, event: GithubEvent, run_sha: str) -> Target:
    head, _ = repository.head()
    if not event.head:
        raise GatekeeperError(f"the event {phrase(event.name)} names no head of a pull request", _SAME_COMMIT)
    if head == event.head:
        known = repository.commit(f"refs/remotes/origin/{event.branch}") if event.branch else None
        tip = known or _here(repository, event.base, "the base branch", _HISTORY)
        return _since(repository, head, tip, phrase(event.branch))
    if not head or head != run_sha:
        raise GatekeeperError(
            f"HEAD ({head[:9]}) is neither the merge commit ({run_sha[:9]}) nor the head ({event.head[:9]}) of pull "
            f"request {event.number}",
            _SAME_COMMIT,
        )
    parents = _parents(repository, head)
    if len(parents) != 2 or parents[1] != event.head:
        raise GatekeeperError(
            f"the commit {head[:9]} does not merge {event.head[:9]}, the head of pull request {event.number}",
            "push once more, or close and open the pull request, so that GitHub makes its merge commit anew",
        )
    base = _here(repository, parents[0], f"the first parent of the merge commit {head[:9]}", _MERGED)
    title = f"{short(repository, head)}, pull request {event.number} merged, against {short(repository, base)}"
    return range_target(repository, base, head, title)


def _push(repository: Repository, event: GithubEvent) -> Target:
    if not event.head:
        raise GatekeeperError("this push deletes a reference, so there is nothing to judge", "skip the job for it")
    head = _here(repository, event.head, "what was pushed", _HISTORY)
    is_default = bool(event.branch) and event.branch == event.default_branch
    if is_default and not event.base:
        return range_target(repository, "", head, f"{short(repository, head)}, the first push to {event.branch}")
    if is_default or (event.base and _is_protected(repository, event)):
        base = _here(repository, event.base, "what the branch was at before", _HISTORY)
        title = f"{short(repository, head)} against {short(repository, base)}, as pushed to {phrase(event.branch)}"
        return range_target(repository, base, head, title)
    return _since(repository, head, _default_tip(repository, event), phrase(event.default_branch))


def _is_protected(repository: Repository, event: GithubEvent) -> bool:
    """Whether the default branch says that this one is protected, so that what it had before was judged."""
    return bool(event.branch) and is_protected_by(repository, _default_tip(repository, event), event.branch)


def _state(repository: Repository, event: GithubEvent, branch: str) -> Target:
    """The target of an event that brings no change of its own."""
    if event.name != "schedule" and event.default_branch and branch != event.default_branch:
        head, _ = repository.head()
        target = _since(repository, head, _default_tip(repository, event), phrase(event.default_branch))
        if target.base_tree != target.head_tree:
            return target
    target = find_target(repository, Wish(whole=True))
    if event.name in _WITHOUT_CHANGE:
        return target
    return replace(target, title=f"{target.title}, since the event {phrase(event.name)} names no change")


def _since(repository: Repository, head: str, tip: str, name: str) -> Target:
    """What a commit has since it left a branch, by the policy that the branch has now."""
    status, output, _ = repository.attempt("merge-base", "--", tip, head)
    if status:
        raise GatekeeperError(f"no common commit of {head[:9]} and {name} is here", _HISTORY)
    base = output.decode().split()[0]
    title = f"{short(repository, head)} against {name} (merge base {short(repository, base)})"
    return range_target(repository, base, head, title, tip)


def _default_tip(repository: Repository, event: GithubEvent) -> str:
    """The last commit of the default branch, as it was fetched."""
    name = f"refs/remotes/origin/{event.default_branch}"
    tip = repository.commit(name) if event.default_branch else None
    if tip is None:
        raise GatekeeperError(f"the default branch ({phrase(event.default_branch)}) is not here", _HISTORY)
    return tip


def _parents(repository: Repository, commit: str) -> list[str]:
    """The parents that a commit names, also those that a shallow clone lacks."""
    header, _, _ = repository.run("cat-file", "commit", commit).partition(b"\n\n")
    words = (line.split() for line in header.splitlines())
    return [word[1].decode() for word in words if len(word) == 2 and word[0] == b"parent"]


def _here(repository: Repository, commit: str, what: str, remedy: str) -> str:
    """The commit, if this clone has it."""
    found = repository.commit(commit) if commit else None
    if found is None:
        raise GatekeeperError(f"{what} ({commit[:9] or 'no commit'}) is not in this clone", remedy)
    return found
