"""What each event of GitHub Actions has judged, in clones such as actions/checkout makes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from gatekeeper.edges.changes import read_change
from gatekeeper.edges.github_event import event_target
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.report import Exit
from tests.action import events
from tests.repository import GitRepository

CONFIG = """\
protected: ["release/*"]
gates: {review: off, coverage: off, tests: off, docs: off, look: {run: "true"}}
"""


@pytest.fixture
def forge(repository):
    """A repository with a branch `work` of two commits, main one commit further on, and the merge of both."""
    start = repository.commit({"a.py": "A = 1\n", ".gatekeeper.yml": CONFIG})
    repository.git("switch", "--quiet", "--create", "work")
    first = repository.commit({"b.py": "B = 1\n"}, "First of work")
    head = repository.commit({"c.py": "C = 1\n"}, "Second of work")
    repository.git("switch", "--quiet", "main")
    base = repository.commit({"main.py": "M = 1\n"}, "Main goes on")
    repository.git("switch", "--quiet", "--detach")
    repository.git("merge", "--quiet", "--no-ff", "--message", "Merge work into main", "work")
    merged = repository.git("rev-parse", "HEAD")
    repository.git("update-ref", "refs/pull/2/merge", merged)
    repository.git("switch", "--quiet", "main")
    return repository, {"start": start, "first": first, "head": head, "base": base, "merge": merged}


@pytest.fixture
def checkout(forge, tmp_path):
    """Makes a clone as actions/checkout does: one commit, to a depth, and the branches where all is fetched."""
    repository, _ = forge

    def make(commit, depth=0):
        clone = GitRepository.create(tmp_path / f"clone-{len(list(tmp_path.iterdir()))}")
        repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
        clone.git("remote", "add", "origin", f"file://{repository.path}")
        branches = ["+refs/heads/*:refs/remotes/origin/*"] if not depth else []
        limit = [f"--depth={depth}"] if depth else []
        clone.git("fetch", "--quiet", "--no-tags", *limit, "origin", *branches, commit)
        clone.git("checkout", "--quiet", "--detach", commit)
        return clone

    return make


@pytest.fixture
def judged(tmp_path):
    """The target of an event, and the names of the files that it brings."""

    def find(clone, name, payload, **variables):
        event = tmp_path / "event.json"
        event.write_text(payload if isinstance(payload, str) else json.dumps(payload))
        variables = {"GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": str(event), **variables}
        target = event_target(clone.edge, variables)
        return target, sorted(file.path for file in read_change(clone.edge, target).files)

    return find


def refused(find, *arguments, **variables):
    with pytest.raises(GatekeeperError) as caught:
        find(*arguments, **variables)
    return caught.value


@pytest.mark.parametrize("depth", [0, 2, 50])
@pytest.mark.parametrize("stale", [False, True])
def test_a_pull_request_is_its_merge_commit_against_the_first_parent(forge, checkout, judged, depth, stale):
    _, ids = forge
    payload = events.pull_request(ids["head"], ids["start" if stale else "base"])
    target, files = judged(checkout(ids["merge"], depth), "pull_request", payload, GITHUB_SHA=ids["merge"])
    assert (target.base, target.head, target.kind) == (ids["base"], ids["merge"], TargetKind.RANGE)
    assert files == ["b.py", "c.py"]  # and not main.py, which a stale base would bring in


def test_at_depth_1_the_base_is_missing_and_that_is_no_empty_change(forge, checkout, judged):
    _, ids = forge
    payload = events.pull_request(ids["head"], ids["base"])
    error = refused(judged, checkout(ids["merge"], 1), "pull_request", payload, GITHUB_SHA=ids["merge"])
    assert error.exit_code is Exit.COULD_NOT_CHECK
    assert ids["base"][:9] in error.message
    assert "fetch-depth: 2" in error.hint


def test_the_head_of_a_pull_request_is_judged_from_where_it_left_by_the_policy_of_the_base(forge, checkout, judged):
    _, ids = forge
    clone = checkout(ids["head"])
    target, files = judged(
        clone, "pull_request", events.pull_request(ids["head"], ids["base"]), GITHUB_SHA=ids["merge"]
    )
    assert (target.base, target.head, target.policy) == (ids["start"], ids["head"], ids["base"])
    assert files == ["b.py", "c.py"]
    shallow = checkout(ids["head"], 1)
    error = refused(judged, shallow, "pull_request", events.pull_request(ids["head"], ids["base"]))
    assert error.exit_code is Exit.COULD_NOT_CHECK
    assert "fetch-depth: 0" in error.hint


def test_a_commit_that_the_event_does_not_name_is_not_judged_in_its_place(forge, checkout, judged):
    repository, ids = forge
    payload = events.pull_request(ids["head"], ids["base"])
    other = checkout(ids["first"])
    assert "neither" in refused(judged, other, "pull_request", payload, GITHUB_SHA=ids["merge"]).message
    # a merge that the author made: its first parent would be a base of the author's choice
    repository.git("switch", "--quiet", "--detach", ids["start"])
    evil = repository.commit({".gatekeeper.yml": "gates: {tests: off}\n"})
    repository.git("merge", "--quiet", "--no-ff", "--message", "Looks like GitHub's", "work")
    forged = checkout(repository.git("rev-parse", "HEAD"))
    assert evil in forged.git("cat-file", "-p", "HEAD")
    assert "neither" in refused(judged, forged, "pull_request", payload, GITHUB_SHA=ids["merge"]).message


@pytest.mark.parametrize("head", ["start", "first"])
def test_a_merge_commit_of_another_head_is_not_taken_for_that_of_this_one(forge, checkout, judged, head):
    _, ids = forge
    payload = events.pull_request(ids[head], ids["base"])
    error = refused(judged, checkout(ids["merge"]), "pull_request", payload, GITHUB_SHA=ids["merge"])
    assert "does not merge" in error.message


def test_a_commit_that_is_no_merge_has_no_first_parent_to_trust(forge, checkout, judged):
    _, ids = forge
    payload = events.pull_request(ids["first"], ids["base"])
    assert "does not merge" in refused(
        judged, checkout(ids["head"]), "pull_request", payload, GITHUB_SHA=ids["head"]
    ).message  # fmt: skip


@pytest.mark.parametrize("name", ["merge_group", "merge_group_of_two"])
def test_a_merge_group_is_what_its_payload_says(forge, checkout, judged, name):
    _, ids = forge
    payload = events.example(name)
    payload["merge_group"].update(base_sha=ids["base"], head_sha=ids["merge"])
    target, files = judged(checkout(ids["merge"]), "merge_group", payload)
    assert (target.base, target.head) == (ids["base"], ids["merge"])
    assert files == ["b.py", "c.py"]
    error = refused(judged, checkout(ids["merge"], 1), "merge_group", payload)
    assert "fetch-depth: 0" in error.hint
    assert (
        "is not in this clone" in refused(judged, checkout(ids["merge"]), "merge_group", events.example(name)).message
    )


def test_a_push_to_the_default_branch_is_from_before_to_after(forge, checkout, judged):
    _, ids = forge
    target, files = judged(checkout(ids["base"]), "push", events.push(ids["start"], ids["base"]))
    assert (target.base, target.head, files) == (ids["start"], ids["base"], ["main.py"])
    error = refused(judged, checkout(ids["base"], 1), "push", events.push(ids["start"], ids["base"]))
    assert "fetch-depth: 0" in error.hint


def test_the_first_push_to_the_default_branch_is_all_that_there_is(forge, checkout, judged):
    _, ids = forge
    target, files = judged(checkout(ids["base"]), "push", events.push(events.ZEROS, ids["base"]))
    assert (target.base, files) == ("", [".gatekeeper.yml", "a.py", "main.py"])


@pytest.mark.parametrize("before", ["zeros", "first"])
def test_a_push_to_a_branch_that_nobody_protects_is_judged_whole(forge, checkout, judged, before):
    _, ids = forge
    payload = events.push({**ids, "zeros": events.ZEROS}[before], ids["head"], "refs/heads/work")
    target, files = judged(checkout(ids["head"]), "push", payload)
    assert (target.base, target.policy, files) == (ids["start"], ids["base"], ["b.py", "c.py"])


def test_a_push_to_a_branch_that_is_protected_goes_on_from_what_was_judged(forge, checkout, judged):
    _, ids = forge
    payload = events.push(ids["first"], ids["head"], "refs/heads/release/1")
    target, files = judged(checkout(ids["head"]), "push", payload)
    assert (target.base, target.policy, files) == (ids["first"], "", ["c.py"])


def test_a_push_without_the_default_branch_here_is_no_guess(forge, checkout, judged):
    _, ids = forge
    payload = events.push(ids["first"], ids["head"], "refs/heads/work")
    error = refused(judged, checkout(ids["head"], 2), "push", payload)
    assert "default branch (main) is not here" in error.message


def test_a_push_that_deletes_has_nothing_to_judge(forge, checkout, judged):
    _, ids = forge
    error = refused(judged, checkout(ids["base"]), "push", events.example("push_that_deletes"))
    assert error.exit_code is Exit.COULD_NOT_CHECK


@pytest.mark.parametrize("name", ["workflow_dispatch", "repository_dispatch", "discussion"])
def test_other_events_take_the_branch_or_else_every_file(forge, checkout, judged, name):
    _, ids = forge
    on_work = {"GITHUB_REF": "refs/heads/work"}
    target, files = judged(checkout(ids["head"]), name, events.dispatch(), **on_work)
    assert (target.base, target.policy, files) == (ids["start"], ids["base"], ["b.py", "c.py"])
    target, _ = judged(checkout(ids["base"], 1), name, events.dispatch(), GITHUB_REF="refs/heads/main")
    assert target.kind is TargetKind.ALL
    assert (f"the event {name} names no change" in target.title) == (name != "workflow_dispatch")


def test_a_schedule_is_every_file(forge, checkout, judged):
    _, ids = forge
    payload = {"schedule": "0 4 * * 1"}
    target, _ = judged(checkout(ids["base"], 1), "schedule", payload, GITHUB_REF="refs/heads/main")
    assert target.kind is TargetKind.ALL


def test_pull_request_target_is_refused(forge, checkout, judged):
    _, ids = forge
    error = refused(judged, checkout(ids["base"]), "pull_request_target", events.pull_request(ids["head"]))
    assert isinstance(error, UsageError)
    assert "`pull_request`" in error.hint


@pytest.mark.parametrize("variables", [{}, {"GITHUB_EVENT_NAME": "push"}, {"GITHUB_EVENT_PATH": "/nowhere"}])
def test_outside_of_github_actions_there_is_no_event(repository, variables):
    with pytest.raises(UsageError) as caught:
        event_target(repository.edge, variables)
    assert "--base" in caught.value.hint


def test_an_event_that_is_not_there_is_not_guessed(repository):
    with pytest.raises(GatekeeperError) as caught:
        event_target(repository.edge, {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": "/nowhere/event"})
    assert caught.value.exit_code is Exit.COULD_NOT_CHECK


def test_the_command_line_takes_the_event_as_its_target(forge, checkout, tmp_path):
    _, ids = forge
    event = tmp_path / "event.json"
    event.write_text(json.dumps(events.pull_request(ids["head"], ids["base"])))
    env = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(event), "GITHUB_SHA": ids["merge"]}
    clone = checkout(ids["merge"], 2)
    run = clone.gatekeeper("--github", env=env)
    assert run.report["target"]["base"] == ids["base"]
    both = subprocess.run(
        [sys.executable, "-m", "gatekeeper", "run", "--github", "--all"],
        cwd=clone.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert both.returncode == 2
    assert "only one target" in both.stderr
