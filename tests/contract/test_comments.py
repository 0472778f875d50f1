"""What one comment of a pull request goes through, against a forge that remembers it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gatekeeper.edges.forge_comments import Comments, find_pull
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.forge import ForgeError, PublishTarget
from tests.contract.fake_forge import BOT, HEAD, REPOSITORY, FakeForge, Fault
from tests.contract.hands import Hands, client

CONTEXT = CommentContext("https://github.com", REPOSITORY, "", 70, 1, HEAD)
TARGET = PublishTarget(REPOSITORY, 2, "", HEAD, 70, 1, "")


def body(text: str, run: int = 70, attempt: int = 1, identity: str = "default") -> str:
    return f"{replace(CONTEXT, run_id=run, attempt=attempt, id=identity).marker}\n{text}\n"


def without_marker(text: str) -> str:
    return text.partition("\n")[2].strip()


def bring(
    forge: FakeForge, hands: Hands, text: str, run: int = 70, author: str = "", create: bool = True, attempt: int = 1
) -> str:
    context = replace(CONTEXT, run_id=run, attempt=attempt)
    return Comments(client(forge, hands), 2, context, without_marker, author).bring(body(text, run, attempt), create)


def test_the_first_run_posts_and_later_ones_update(forge: FakeForge, hands: Hands) -> None:
    assert bring(forge, hands, "red") == "posted the comment"
    assert bring(forge, hands, "green", 71) == "updated the comment"
    assert forge.bodies() == [body("green", 71)]
    assert bring(forge, hands, "green", 71) == "the comment says so already"
    assert forge.count("PATCH") == 1
    assert bring(forge, hands, "green", 71, attempt=2) == "updated the comment"
    assert forge.bodies() == [body("green", 71, 2)]


def test_a_run_that_changes_nothing_is_still_not_replaced_by_an_older_one(forge: FakeForge, hands: Hands) -> None:
    """Three runs of one commit; the second is late, and what it found differs."""
    bring(forge, hands, "green", 70)
    bring(forge, hands, "green", 72)
    assert "newer run" in bring(forge, hands, "red", 71)
    assert forge.bodies() == [body("green", 72)]


def test_ours_is_found_on_page_two(forge: FakeForge, hands: Hands) -> None:
    for number in range(130):
        forge.add(f"comment {number}", "somebody", "User")
    forge.add(body("red", 60))
    bring(forge, hands, "green")
    assert len(forge.bodies()) == 131
    assert forge.bodies()[130] == body("green")


def test_the_oldest_stays_and_the_others_go(forge: FakeForge, hands: Hands) -> None:
    for run in (60, 61, 62):
        forge.add(body("red", run))
    forge.add(body("of another", 61, identity="other"))
    assert "removed 2 more" in bring(forge, hands, "green")
    assert forge.bodies() == [body("green"), body("of another", 61, identity="other")]


@pytest.mark.parametrize(("run", "attempt"), [(71, 1), (70, 2), (700, 1)])
def test_a_newer_result_is_never_replaced(forge: FakeForge, hands: Hands, run: int, attempt: int) -> None:
    forge.add(body("newer", run, attempt))
    assert "newer run" in bring(forge, hands, "older")
    assert forge.bodies() == [body("newer", run, attempt)]
    assert forge.count("PATCH") + forge.count("POST") + forge.count("DELETE") == 0


@pytest.mark.parametrize(
    ("text", "login", "kind"),
    [
        (body("planted", 999), "mallory", "User"),
        (body("planted", 999), "github-actions", "User"),
        (body("planted", 999), BOT, "User"),
        (body("planted", 999), "other[bot]", "Bot"),
        (" " + body("not at the start", 999), BOT, "Bot"),
        ("> quoted\n" + body("not at the start", 999), BOT, "Bot"),
        ("<!-- gatekeeper:v1 id=default run=x sha=y -->\nbroken", BOT, "Bot"),
    ],
)
def test_a_planted_marker_is_nobody_of_ours(forge: FakeForge, hands: Hands, text: str, login: str, kind: str) -> None:
    forge.add(text, login, kind)
    bring(forge, hands, "green")
    assert forge.bodies() == [text, body("green")]


@pytest.mark.parametrize("after", [True, False])
@pytest.mark.parametrize("how", ["answer", "drop", "garbage"])
def test_a_lost_answer_to_a_post_makes_one_comment(forge: FakeForge, hands: Hands, how: str, after: bool) -> None:
    forge.faults = [Fault("POST", status=502, how=how, after=after)]
    assert bring(forge, hands, "green") == "posted the comment"
    assert forge.bodies() == [body("green")]
    assert forge.count("POST") == (1 if after else 2)


def test_a_post_that_always_fails_is_given_up(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("POST", status=503, times=99)]
    with pytest.raises(ForgeError, match="503"):
        bring(forge, hands, "green")
    assert (forge.count("POST"), forge.bodies()) == (3, [])


def test_of_two_racing_writers_one_comment_stays_with_the_newer_result(forge: FakeForge, hands: Hands) -> None:
    forge.before_create = lambda: forge.add(body("theirs", 69)) if len(forge.bodies()) == 0 else None
    bring(forge, hands, "mine")
    assert forge.bodies() == [body("mine")]


def test_the_older_of_two_racing_writers_leaves_the_rest_to_the_newer(forge: FakeForge, hands: Hands) -> None:
    forge.before_create = lambda: forge.add(body("theirs", 71)) if len(forge.bodies()) == 0 else None
    assert "newer run" in bring(forge, hands, "mine")
    forge.before_create = lambda: None
    bring(forge, hands, "theirs", 71)  # what the other writer does when it lists again
    assert forge.bodies() == [body("theirs", 71)]


def test_writes_keep_the_pace_that_is_asked_for(forge: FakeForge, hands: Hands) -> None:
    for run in (60, 61, 62):
        forge.add(body("red", run))
    bring(forge, hands, "green")
    assert hands.waits == [1.0, 1.0]


def test_a_person_with_a_token_writes_under_their_name(forge: FakeForge, hands: Hands) -> None:
    forge.login, forge.writer = "octocat", ("octocat", "User")
    forge.add(body("of the bot", 60))
    bring(forge, hands, "red")
    bring(forge, hands, "green", 71)
    assert forge.bodies() == [body("of the bot", 60), body("green", 71)]


@pytest.mark.parametrize("author", ["", "our-app[bot]"])
def test_an_app_ends_with_one_comment_also_if_nobody_names_it(forge: FakeForge, hands: Hands, author: str) -> None:
    forge.writer = ("our-app[bot]", "Bot")
    bring(forge, hands, "red", author=author)
    bring(forge, hands, "green", 71, author=author)
    assert forge.bodies() == [body("green", 71)]
    assert forge.count("POST") == (1 if author else 2)


def test_a_lost_answer_makes_one_comment_for_an_unnamed_app_too(forge: FakeForge, hands: Hands) -> None:
    forge.writer = ("our-app[bot]", "Bot")
    forge.faults = [Fault("POST", status=502, after=True)]
    bring(forge, hands, "green")
    assert forge.bodies() == [body("green")]


def test_no_comment_is_begun_where_none_is_wanted_but_one_is_kept_up_to_date(forge: FakeForge, hands: Hands) -> None:
    assert "none is wanted" in bring(forge, hands, "green", create=False)
    forge.add(body("red", 60))
    bring(forge, hands, "green", create=False)
    assert forge.bodies() == [body("green")]


def test_what_somebody_else_removed_meanwhile_is_gone(forge: FakeForge, hands: Hands) -> None:
    for run in (60, 61):
        forge.add(body("red", run))
    forge.faults = [Fault("DELETE", status=502, after=True)]
    bring(forge, hands, "green")
    assert forge.bodies() == [body("green")]


def test_a_body_that_is_too_long_is_refused_with_the_reason(forge: FakeForge, hands: Hands) -> None:
    with pytest.raises(ForgeError, match="too long"):
        bring(forge, hands, "x" * 70_000)


def test_the_largest_body_of_four_byte_signs_is_taken_as_it_is(forge: FakeForge, hands: Hands) -> None:
    text = "\U0001f98a" * 14_970
    assert 59_900 < len(body(text).encode()) <= 60_000
    bring(forge, hands, text)
    assert forge.bodies() == [body(text)]


def test_the_judged_commit_has_to_be_the_head(forge: FakeForge, hands: Hands) -> None:
    pull, _ = find_pull(client(forge, hands), TARGET)
    assert pull
    assert pull.number == 2
    moved, why = find_pull(client(forge, hands), replace(TARGET, head_sha="0" * 40))
    assert (moved, "moved on" in why) == (None, True)
    forge.pulls[0]["state"] = "closed"
    assert find_pull(client(forge, hands), TARGET) == (None, "pull request 2 is closed")


def test_the_pull_request_of_a_fork_is_found_by_branch_and_commit(forge: FakeForge, hands: Hands) -> None:
    fork = replace(TARGET, number=0, head=forge.pulls[0]["head"]["label"])
    assert find_pull(client(forge, hands), fork)[0]
    assert find_pull(client(forge, hands), replace(fork, head_sha="0" * 40))[0] is None
    assert find_pull(client(forge, hands), replace(fork, head="Codertocat:a&state=all#b/c d"))[0] is None
    assert "a%26state%3Dall%23b%2Fc%20d" in forge.seen[-1].path
    forge.pulls.append({**forge.pulls[0], "number": 3})
    assert "several" in find_pull(client(forge, hands), fork)[1]


@pytest.mark.parametrize("document", [{}, {"number": True}, [], "x", {"number": 2, "state": "open", "head": None}])
def test_what_is_no_pull_request_is_an_error(forge: FakeForge, hands: Hands, document: object) -> None:
    forge.faults = [Fault("GET", "/pulls/2", 200, document)]
    with pytest.raises(ForgeError, match="no pull request"):
        find_pull(client(forge, hands), TARGET)


@pytest.mark.parametrize("document", [[1], [{"id": "1"}], {}, [{"id": -1}], [{}] * 101])
def test_what_is_no_comment_is_an_error(forge: FakeForge, hands: Hands, document: object) -> None:
    forge.faults = [Fault("GET", "/comments", 200, document)]
    with pytest.raises(ForgeError, match="forge answered with something"):
        bring(forge, hands, "green")
