from __future__ import annotations

import socket
from pathlib import Path

import pytest

from gatekeeper.edges.documents import read_document
from gatekeeper.edges.forge import Forge
from gatekeeper.edges.forge_exchange import Limits
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.forge import ForgeError
from tests.contract.fake_forge import HEAD, TOKEN, FakeForge, Fault, serving
from tests.contract.hands import START, Hands, client

PULL = "/repos/Codertocat/Hello-World/pulls/2"
COMMENTS = "/repos/Codertocat/Hello-World/issues/2/comments"


def read(fake: FakeForge, hands: Hands, limits: Limits | None = None) -> object:
    return client(fake, hands, limits).get(PULL, "reading").document


def test_a_document_is_read_with_the_token_and_without_waiting(forge: FakeForge, hands: Hands) -> None:
    document = read(forge, hands)
    assert isinstance(document, dict)
    assert document["head"]["sha"] == HEAD
    assert [entry.authorization for entry in forge.seen] == [f"Bearer {TOKEN}"]
    assert "x-github-api-version" not in forge.seen[0].headers
    assert hands.waits == []


@pytest.mark.parametrize(
    ("status", "headers", "document", "waited"),
    [
        (429, {"Retry-After": "7"}, None, 7.0),
        (403, {"Retry-After": "5"}, None, 5.0),
        (403, {}, {"message": "You have exceeded a secondary rate limit"}, 60.0),
        (429, {}, None, 60.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START) + 20)}, None, 21.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(START) - 500)}, None, 1.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "soon"}, None, 60.0),
        (429, {"Retry-After": "0"}, None, 1.0),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_a_limit_refused_is_sent_again_when_the_limit_ends(
    forge: FakeForge, hands: Hands, method: str, status: int, headers: dict[str, str], document: object, waited: float
) -> None:
    forge.faults = [Fault(method, status=status, headers=headers, document=document)]
    if method == "GET":
        read(forge, hands)
    else:
        client(forge, hands).write("POST", COMMENTS, {"body": "x"}, "posting")
    assert hands.waits == [waited]
    assert forge.count(method) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "91"},
        {"Retry-After": "999999999"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "999999999999"},
    ],
)
def test_a_limit_beyond_the_budget_is_not_waited_for(forge: FakeForge, hands: Hands, headers: dict[str, str]) -> None:
    forge.faults = [Fault("GET", status=429, headers=headers)]
    with pytest.raises(ForgeError, match="more than is left of 90 s"):
        read(forge, hands)
    assert (hands.waits, forge.count("GET")) == ([], 1)


def test_a_limit_that_does_not_end_is_given_up(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("GET", status=429, headers={"Retry-After": "40"}, times=99)]
    with pytest.raises(ForgeError, match="more than is left"):
        read(forge, hands)
    assert hands.waits == [40.0, 40.0]


@pytest.mark.parametrize("how", ["answer", "drop"])
def test_a_read_is_repeated_after_a_fault_of_the_server(forge: FakeForge, hands: Hands, how: str) -> None:
    forge.faults = [Fault("GET", status=502, how=how, times=2)]
    read(forge, hands)
    assert (forge.count("GET"), hands.waits) == (3, [1.0, 2.0])


@pytest.mark.parametrize("how", ["answer", "drop", "garbage"])
def test_a_post_is_never_repeated_by_itself(forge: FakeForge, hands: Hands, how: str) -> None:
    forge.faults = [Fault("POST", status=502, how=how)]
    with pytest.raises(ForgeError) as caught:
        client(forge, hands).write("POST", COMMENTS, {"body": "x"}, "posting")
    assert caught.value.lost
    assert (forge.count("POST"), hands.waits) == (1, [])


def test_nobody_at_the_address_is_tried_again_for_any_method(hands: Hands) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ForgeError, match="cannot be reached") as caught:
        Forge(f"http://127.0.0.1:{port}", TOKEN, hands.clock).write("POST", "/x", {}, "posting")
    assert hands.waits == [1.0, 2.0, 4.0]
    assert not caught.value.lost


@pytest.mark.parametrize(
    ("status", "document", "words", "help_"),
    [
        (403, {"message": "Resource not accessible by integration"}, "not accessible", "pull-requests: write"),
        (403, {"message": "Unable to create comment because issue is locked."}, "locked", "unlock"),
        (401, {"message": "Bad credentials"}, "401", "the token is not valid"),
        (404, {"message": "Not Found"}, "404", "may not see"),
        (410, {"message": "Issues are disabled for this repo"}, "410", "switched off"),
        (422, {"message": "Validation Failed", "errors": [{"message": "Body is too long"}]}, "too long", "report"),
        (422, {"message": 3, "errors": {"message": "x"}}, "422", "report"),
        (418, ["no", "object"], "418", ""),
    ],
)
def test_a_refusal_is_not_repeated_and_tells_what_helps(
    forge: FakeForge, hands: Hands, status: int, document: object, words: str, help_: str
) -> None:
    forge.faults = [Fault("POST", status=status, document=document)]
    with pytest.raises(ForgeError) as caught:
        client(forge, hands).write("POST", COMMENTS, {"body": "x"}, "posting the comment")
    assert words in caught.value.message
    assert help_ in caught.value.hint
    assert (caught.value.status, caught.value.lost) == (status, False)
    assert (forge.count("POST"), hands.waits) == (1, [])


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_gets_no_token(forge: FakeForge, hands: Hands, status: int) -> None:
    with serving(FakeForge(checked=False)) as other:
        forge.faults = [Fault("GET", status=status, headers={"Location": f"{other.address}{PULL}"})]
        with pytest.raises(ForgeError, match="another server"):
            read(forge, hands)
        assert other.seen == []


@pytest.mark.parametrize(
    "start",
    [
        "{other}",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "http://x@127.0.0.1:{port}",
        "//127.0.0.1:1",
        "ftp://a",
        "http://localhost:{port}",
        "http://127.0.0.1.evil.example:{port}",
        "http://[::1",
        "http://127.0.0.1:99999999",
        "",
    ],
)
def test_a_next_page_on_another_server_gets_no_token(forge: FakeForge, hands: Hands, start: str) -> None:
    with serving(FakeForge(checked=False)) as other:
        port = forge.address.rpartition(":")[2]
        address = start.format(other=other.address, port=port) + ("/next" if start else "next")
        forge.faults = [Fault("GET", status=200, document=[], headers={"Link": f'<{address}>; rel="next"'})]
        with pytest.raises(ForgeError, match="another server"):
            list(client(forge, hands).pages(COMMENTS, "listing"))
        assert other.seen == []
    assert len(forge.seen) == 1


def test_redirects_within_the_server_are_followed_and_counted(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("GET", status=301, headers={"Location": f"{forge.address}{PULL}"}, times=3)]
    read(forge, hands)
    forge.faults = [Fault("GET", status=307, headers={"Location": PULL}, times=99)]
    with pytest.raises(ForgeError, match="in circles"):
        read(forge, hands)


def test_a_write_follows_only_where_it_stays_a_write(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("POST", status=307, headers={"Location": COMMENTS})]
    client(forge, hands).write("POST", COMMENTS, {"body": "one"}, "posting")
    forge.faults = [Fault("POST", status=301, headers={"Location": COMMENTS})]
    with pytest.raises(ForgeError, match="301"):
        client(forge, hands).write("POST", COMMENTS, {"body": "two"}, "posting")
    assert forge.bodies() == ["one"]


def test_an_endless_answer_is_cut_off(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("GET", how="endless")]
    with pytest.raises(ForgeError, match="more than 1,000,000 bytes"):
        read(forge, hands, Limits(answer=1_000_000))
    assert forge.count("GET") == 1


def test_an_answer_that_drips_is_cut_off(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("GET", how="slow", times=99)]
    with pytest.raises(ForgeError, match=r"did not answer within 0\.3 s"):
        read(forge, hands, Limits(total=0.3))


def test_a_deep_document_is_no_crash(forge: FakeForge, hands: Hands) -> None:
    forge.faults = [Fault("GET", how="garbage", times=99)]
    with pytest.raises(ForgeError, match="no JSON"):
        read(forge, hands)
    assert forge.count("GET") == 1


def test_a_list_that_does_not_end_is_given_up(forge: FakeForge, hands: Hands) -> None:
    headers = {"Link": f'<{forge.address}{COMMENTS}>; rel="next"'}
    forge.faults = [Fault("GET", status=200, document=[], headers=headers, times=999)]
    with pytest.raises(ForgeError, match="does not end"):
        list(client(forge, hands).pages(COMMENTS, "listing"))


def test_a_server_of_ones_own_has_its_path_before_ours(hands: Hands) -> None:
    with serving(FakeForge(prefix="/api/v3")) as own:
        read(own, hands)
        assert own.seen[0].path == f"/api/v3{PULL}"
        assert own.violations == []


@pytest.mark.parametrize(
    ("address", "token", "words"),
    [
        ("http://github.example/api/v3", "t", "not encrypted"),
        ("github.example", "t", "no address"),
        ("https://user:secret@github.example", "t", "no address"),
        ("https://github.example", "two words", "signs that no token has"),
        ("https://github.example", "line\nX-Other: 1", "signs that no token has"),
    ],
)
def test_a_wrong_address_or_token_is_told_before_anything_is_sent(address: str, token: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        Forge(address, token)
    assert token == "t" or token not in str(caught.value)


def test_the_token_is_in_no_text_of_the_client() -> None:
    assert TOKEN not in repr(Forge("https://api.github.com", TOKEN))


def test_only_a_plain_file_of_json_is_read(tmp_path: Path) -> None:
    (tmp_path / "good").write_text('{"a": 1}')
    assert read_document(str(tmp_path / "good"), 100, "it", "do") == {"a": 1}
    (tmp_path / "link").symlink_to(tmp_path / "good")
    (tmp_path / "long").write_text("1" * 101)
    (tmp_path / "deep").write_text("[" * 90_000)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    import os

    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "long", "bytes", "pipe", "absent", ".", "a\0b"):
        with pytest.raises(GatekeeperError):
            read_document(str(tmp_path / name), 100, "it", "do")
    with pytest.raises(GatekeeperError, match="no JSON"):
        read_document(str(tmp_path / "deep"), 100_000, "it", "do")
