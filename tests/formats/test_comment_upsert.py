from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gatekeeper.formats.comment_upsert import Marker, Upsert, own_comments, plan_upsert, read_marker
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.forge import ForgeComment

SHA = "0123456789abcdef" * 2 + "01234567"
CONTEXT = CommentContext("https://github.com", "octo/hello", "https://github.com/octo/hello/actions/runs/7", 7, 1, SHA)
BOT = "github-actions[bot]"


def stable(body: str) -> str:
    return body.partition("\n")[2].strip()


def body_of(context: CommentContext) -> str:
    """What a run says; every second one says the same."""
    return f"{context.marker}\nresult {(context.run_id + context.attempt) % 2}\n"


def test_a_marker_is_read_back() -> None:
    assert read_marker(body_of(CONTEXT)) == Marker("default", (7, 1), SHA)
    assert read_marker(CONTEXT.marker) == Marker("default", (7, 1), SHA)
    assert read_marker(body_of(CONTEXT).replace("\n", "\r\n")) == Marker("default", (7, 1), SHA)


@given(
    st.text() | st.text().map(lambda text: CONTEXT.marker + text) | st.text().map(lambda text: text + CONTEXT.marker)
)
def test_only_a_marker_on_a_line_of_its_own_at_the_start_counts(body: str) -> None:
    marked = body == CONTEXT.marker or body.startswith((CONTEXT.marker + "\n", CONTEXT.marker + "\r\n"))
    assert (read_marker(body) is not None) == marked


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "a -->"),
        ("id", ""),
        ("id", "x" * 61),
        ("id", "-"),
        ("head_sha", "abc"),
        ("head_sha", SHA + "\n"),
        ("repository", "octo"),
        ("repository", "octo/hello/x"),
        ("server", "javascript:x"),
        ("server", "https://github.com/"),
        ("server", "https://a b"),
        ("run_url", "https://x y"),
        ("run_id", -1),
    ],
)
def test_a_context_refuses_what_could_break_out(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"cannot be|no negative"):
        replace(CONTEXT, **{field: value})


def carried_out(comments: list[ForgeComment], plan: Upsert, body: str, identity: int) -> list[ForgeComment]:
    """What is there after a plan was carried out."""
    kept = [replace(comment, body=body) if plan.patch and comment.id == plan.keep else comment for comment in comments]
    made = [ForgeComment(identity, BOT, True, body)] if plan.create else []
    return [comment for comment in kept if comment.id not in plan.delete] + made


RUNS = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3)), min_size=1, max_size=8)


@given(RUNS, st.lists(st.tuples(st.integers(1, 6), st.integers(1, 3)), max_size=3))
@example([(1, 1), (1, 3), (1, 2)], [])  # the third attempt says the same as the first
def test_in_whatever_order_runs_publish_the_newest_one_is_shown(
    runs: list[tuple[int, int]], there: list[tuple[int, int]]
) -> None:
    old = [replace(CONTEXT, run_id=run, attempt=attempt) for run, attempt in there]
    comments = [ForgeComment(number, BOT, True, body_of(context)) for number, context in enumerate(old, 1)]
    stranger = ForgeComment(99, "mallory", False, body_of(replace(CONTEXT, run_id=10**9)))
    comments.append(stranger)
    for identity, (run, attempt) in enumerate(runs, 100):
        context = replace(CONTEXT, run_id=run, attempt=attempt)
        plan = plan_upsert(own_comments(comments, context, BOT), context, body_of(context), True, stable)
        comments = carried_out(comments, plan, body_of(context), identity)
        assert stranger in comments
    newest = max([*runs, *there])
    own = own_comments(comments, CONTEXT, BOT)
    shown = [marker.run for comment in own if (marker := read_marker(comment.body))]
    assert max(shown)[0] == newest[0]
    if newest in runs and newest not in there:
        final = replace(CONTEXT, run_id=newest[0], attempt=newest[1])
        assert [stable(comment.body) for comment in own] == [stable(body_of(final))]
        plan = plan_upsert(own, final, body_of(final), True, stable)
        assert (plan.create, plan.patch) == (False, False)
        assert len(carried_out(own, plan, body_of(final), 0)) == 1
