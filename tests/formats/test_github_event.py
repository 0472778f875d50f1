"""Payloads of GitHub's events: what they say of commits, and that nothing odd in them is believed."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.github_event import GithubEvent, branch_of, read_event
from gatekeeper.model.errors import GatekeeperError
from tests.action import events

SHA = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
KNOWN = {
    "pull_request": GithubEvent(
        "pull_request", "ec26c3e57ca3a959ca5aad62de7213c562f8c821", "f95f852bd8fca8fcc58a9a2d6c842781e32a215e",
        "master", "master", 2,
    ),
    "merge_group": GithubEvent(
        "merge_group", "2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d", "380387fbc80638b734a49e1be1c4dfec1c01b33c",
        "main", "main",
    ),
    "push": GithubEvent("push", SHA, "", "master", "master"),
    "workflow_dispatch": GithubEvent("workflow_dispatch", default_branch="main"),
    "repository_dispatch": GithubEvent("repository_dispatch", default_branch="master"),
}  # fmt: skip
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.parametrize("name", KNOWN)
def test_githubs_own_examples_are_understood(name):
    assert read_event(name, json.dumps(events.example(name)).encode()) == KNOWN[name]


def test_tags_are_no_branches_and_zeros_are_no_commit():
    tag = json.dumps(events.example("push_of_a_tag")).encode()
    assert read_event("push", tag) == GithubEvent("push", SHA, "", "", "master")
    gone = json.dumps(events.example("push_that_deletes")).encode()
    assert read_event("push", gone) == GithubEvent("push", "", SHA, "", "master")
    assert branch_of("refs/heads/a/b") == "a/b"
    assert branch_of("refs/tags/a") == branch_of("main") == ""


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b"null", b"\xff\xfe", b"[" * 100_000, b" " * (26 << 20)])
def test_what_is_no_payload_is_refused(payload):
    with pytest.raises(GatekeeperError) as refused:
        read_event("push", payload)
    assert "cannot be read" in refused.value.message


@given(
    name=st.sampled_from(["pull_request", "merge_group", "push", "x"]),
    payload=st.dictionaries(
        st.sampled_from(["pull_request", "merge_group", "before", "after", "ref", "repository"]), ANY
    ),
)
def test_odd_shapes_say_nothing(name, payload):
    event = read_event(name, json.dumps(payload).encode())
    assert event.head == event.base == ""
    assert isinstance(event.number, int)


@pytest.mark.parametrize("odd", ["--upload-pack=x", "HEAD", SHA[:7], SHA.upper(), f"{SHA}\n", f"{SHA}^{{/x}}", 7, None])
def test_only_ids_are_commits(odd):
    assert read_event("push", json.dumps({"after": odd}).encode()).head == ""
