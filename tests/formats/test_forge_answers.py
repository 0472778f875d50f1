from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.forge_answers import limit_wait, next_page, origin_of, refusal, same_origin_path
from gatekeeper.model.forge import Answer, ForgeError
from tests.contract.description import VENDORED

ORIGIN = ("https", "api.github.com", 443)
RECORDED: dict[str, list[dict[str, Any]]] = json.loads((VENDORED / "recorded.json").read_text(encoding="utf-8"))


def test_the_pages_of_recorded_answers_are_followed_to_the_last() -> None:
    pages = RECORDED["paginate-issues"]
    followed = [next_page(Answer(200, page["headers"]), ORIGIN) for page in pages[:5]]
    assert followed == [*(page["path"] for page in pages[1:5]), None]
    assert all(path and path.startswith("/repositories/") for path in followed[:4])


def test_recorded_redirects_stay_on_the_server() -> None:
    moved = [entry for entry in RECORDED["rename-repository"] if entry["status"] in (301, 307)]
    assert {entry["status"] for entry in moved} == {301, 307}
    for entry in moved:
        assert same_origin_path(entry["headers"]["location"], ORIGIN, "x").startswith("/repositories/")


def test_a_recorded_refusal_is_told() -> None:
    entry = RECORDED["errors"][0]
    error = refusal(Answer(entry["status"], {}, entry["response"]), "making a label")
    assert error.message == "making a label: the forge answered 422 (Validation Failed; invalid)"


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ('<https://api.github.com/a?page=2>; rel="next"', "/a?page=2"),
        ('<https://api.github.com:443/a>; rel="next"', "/a"),
        ("<https://API.github.com/a>; rel=next", "/a"),
        ('<https://api.github.com/a>; title="x"; rel="next"', "/a"),
        ('<https://api.github.com/1>; rel="prev", <https://api.github.com/3>; rel="next", <x>; rel="last"', "/3"),
        ('<https://api.github.com/1>; rel="prev"', None),
        ('<https://api.github.com/1>; rel="nextdoor"', None),
        ("", None),
        ("next", None),
    ],
)
def test_next_pages(link: str, path: str | None) -> None:
    assert next_page(Answer(200, {"link": link}), ORIGIN) == path


@pytest.mark.parametrize(
    "address",
    [
        "http://api.github.com/a",
        "https://api.github.com:444/a",
        "https://evil.api.github.com/a",
        "https://api.github.com@evil.example/a",
        "https://user@api.github.com/a",
        "https://api.github.com\\@evil.example/a",
        "//evil.example/a",
        "a/b",
        "javascript:alert(1)",
        "https:///a",
        "https://api.github.com/a b",
        "https://api.github.com/a\r\nX: 1",
        "https://api.github.com/é",
    ],
)
def test_no_other_origin_is_taken_for_ours(address: str) -> None:
    with pytest.raises(ForgeError):
        path = same_origin_path(address, ORIGIN, "a next page")
        raise AssertionError(path)


@given(st.text(max_size=60) | st.from_regex(r"https?://[a-z.:@\\/\[\]0-9]{0,30}"))
def test_whatever_an_address_is_only_a_path_of_ours_comes_out(address: str) -> None:
    try:
        path = same_origin_path(address, ORIGIN, "a next page")
    except ForgeError as error:
        assert error.message.isprintable()
        return
    assert path.startswith("/")
    assert path.isascii()
    assert " " not in path
    assert not urlsplit(address).netloc or origin_of(address) == ORIGIN


@given(
    st.sampled_from((200, 401, 403, 404, 422, 429, 500)),
    st.dictionaries(
        st.sampled_from(("retry-after", "x-ratelimit-remaining", "x-ratelimit-reset")), st.text(max_size=15)
    ),
    st.one_of(
        st.none(), st.text(), st.dictionaries(st.sampled_from(("message", "errors")), st.text() | st.lists(st.text()))
    ),
)
def test_whatever_an_answer_says_is_a_wait_or_a_refusal(status: int, headers: dict[str, str], document: object) -> None:
    answer = Answer(status, headers, document)
    wait = limit_wait(answer, 1_800_000_000.0)
    assert wait is None or wait >= 1.0
    assert wait is None or status in (403, 429)
    error = refusal(answer, "doing")
    assert error.message.isprintable()
    assert len(error.message) < 400
