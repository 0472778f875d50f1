"""A forge on loopback that remembers what it is told: comments, check runs, users; with faults on demand."""

from __future__ import annotations

import contextlib
import copy
import json
import re
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.description import VENDORED, answer_faults, request_faults
from tests.contract.fake_checks import FakeChecks
from tests.contract.fake_memory import FakeMemory

REPOSITORY = "Codertocat/Hello-World"
HEAD = "ec26c3e57ca3a959ca5aad62de7213c562f8c821"
TOKEN = "ghs_testing"
BOT = "github-actions[bot]"
_ISSUE = re.compile(r"/(?:repos/[^/]+/[^/]+|repositories/[0-9]+)/issues/([0-9]+)/comments")
_COMMENT = re.compile(r"/repos/[^/]+/[^/]+/issues/comments/([0-9]+)")
_PULL = re.compile(r"/repos/[^/]+/[^/]+/pulls/([0-9]+)")
_LONGEST = 65_536


def payload(name: str) -> dict[str, Any]:
    """One of GitHub's own examples of events."""
    return dict(json.loads((VENDORED / "payloads.json").read_text(encoding="utf-8"))[name])


@dataclass
class Fault:
    """What goes wrong with the next request (`times` of them) of this method whose path has this part.

    With `after` the request is carried out, and only its answer goes wrong. `how` is "answer" (with status, document
    and headers), "drop", "endless", "slow" or "garbage".
    """

    method: str
    part: str = ""
    status: int = 500
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    how: str = "answer"
    after: bool = False
    times: int = 1


@dataclass
class Seen:
    """One request as it came."""

    method: str
    path: str
    authorization: str
    headers: dict[str, str]


class FakeForge:
    """The state of the forge; `prefix` is "/api/v3" for a server of one's own."""

    def __init__(self, prefix: str = "", checked: bool = True) -> None:
        self.prefix, self.checked = prefix, checked
        self.login: str | None = None
        self.writer = (BOT, "Bot")
        self.comments: dict[int, list[dict[str, Any]]] = {2: []}
        self.pulls = [_pull()]
        self.checks = FakeChecks(_user)
        self.memory = FakeMemory()
        self.faults: list[Fault] = []
        self.seen: list[Seen] = []
        self.violations: list[str] = []
        self.before_create = lambda: None
        self.lock = threading.RLock()
        self.stop = threading.Event()
        self.address = ""
        self._next = 1000

    def add(self, body: str, login: str = BOT, kind: str = "Bot", number: int = 2) -> dict[str, Any]:
        """Have somebody write a comment."""
        with self.lock:
            self._next += 1
            comment = _comment(self._next, body, login, kind)
            self.comments.setdefault(number, []).append(comment)
            return comment

    def bodies(self, number: int = 2) -> list[str]:
        """The texts of all comments, the oldest first."""
        return [comment["body"] for comment in self.comments[number]]

    def count(self, method: str) -> int:
        """How many requests of this method came."""
        return sum(entry.method == method for entry in self.seen)

    def fault(self, method: str, path: str) -> Fault | None:
        """The fault for this request, used up."""
        with self.lock:
            for fault in self.faults:
                if fault.times and fault.method == method and fault.part in path:
                    fault.times -= 1
                    return fault
        return None

    def act(self, method: str, path: str, body: Any) -> tuple[int, Any, dict[str, str]]:
        """Status, document and headers of the answer."""
        where = urlsplit(path).path
        if where == "/user":
            return self._user()
        if found := _ISSUE.fullmatch(where):
            number = int(found.group(1))
            return self._create(number, body) if method == "POST" else self._list(number, path)
        if found := _COMMENT.fullmatch(where):
            return self._change(method, int(found.group(1)), body)
        if found := _PULL.fullmatch(where):
            pulls = [pull for pull in self.pulls if pull["number"] == int(found.group(1))]
            return (200, pulls[0], {}) if pulls else _missing()
        if where.endswith("/pulls"):
            return 200, self._pulls(path), {}
        found = self.checks.act(method, path, body, self.address + self.prefix)
        return found or self.memory.act(path) or _missing()

    def _user(self) -> tuple[int, Any, dict[str, str]]:
        if self.login is None:
            return 403, _error("Resource not accessible by integration"), {}
        return 200, _public_user(self.login), {}

    def _pulls(self, path: str) -> list[dict[str, Any]]:
        query = parse_qs(urlsplit(path).query)
        return [
            pull
            for pull in self.pulls
            if pull["head"]["label"] in query.get("head", [pull["head"]["label"]]) and pull["state"] in query["state"]
        ]

    def _list(self, number: int, path: str) -> tuple[int, Any, dict[str, str]]:
        if number not in self.comments:
            return _missing()
        query = parse_qs(urlsplit(path).query)
        size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        entries = self.comments[number]
        headers = {}
        if len(entries) > size * page:
            address = f"{self.address}{self.prefix}/repositories/1000/issues/{number}/comments"
            last = -(-len(entries) // size)
            headers["Link"] = (
                f'<{address}?per_page={size}&page={page + 1}>; rel="next", '
                f'<{address}?per_page={size}&page={last}>; rel="last"'
            )
        return 200, entries[size * (page - 1) : size * page], headers

    def _create(self, number: int, body: Any) -> tuple[int, Any, dict[str, str]]:
        if number not in self.comments:
            return _missing()
        if len(body["body"]) > _LONGEST:
            return 422, _too_long(), {}
        self.before_create()
        return 201, self.add(body["body"], *self.writer, number=number), {}

    def _change(self, method: str, identity: int, body: Any) -> tuple[int, Any, dict[str, str]]:
        for entries in self.comments.values():
            for comment in [entry for entry in entries if entry["id"] == identity]:
                if method == "DELETE":
                    entries.remove(comment)
                    return 204, None, {}
                comment["body"] = body["body"]
                return 200, comment, {}
        return _missing()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    forge: FakeForge

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_GET

    def log_message(self, format: str, *arguments: object) -> None:
        """Be quiet."""

    def _serve(self) -> None:
        forge = self.forge
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(content) if content else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        forge.seen.append(Seen(self.command, self.path, headers.get("authorization", ""), headers))
        path = self.path.removeprefix(forge.prefix)
        if forge.checked:
            forge.violations += request_faults(self.command, path, body)
        fault = forge.fault(self.command, path)
        if fault and not fault.after:
            self._go_wrong(fault)
            return
        with forge.lock:
            status, document, more = copy.deepcopy(forge.act(self.command, path, body))
        if forge.checked:
            forge.violations += answer_faults(self.command, path, status, document)
        if fault:
            self._go_wrong(fault)
        else:
            self._answer(status, document, more)

    def _go_wrong(self, fault: Fault) -> None:
        if fault.how == "answer":
            self._answer(fault.status, fault.document, fault.headers)
        elif fault.how == "garbage":
            self._send(200, b"<html>not what you asked for", {"Content-Type": "application/json"})
        elif fault.how != "drop":
            self._flood(fault.how)
        self.close_connection = True

    def _flood(self, how: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        with contextlib.suppress(OSError):
            while not self.forge.stop.is_set():
                self.wfile.write(b"[" if how == "slow" else b"[" * 65_536)
                self.wfile.flush()
                if how == "slow":
                    self.forge.stop.wait(0.05)

    def _answer(self, status: int, document: Any, headers: dict[str, str]) -> None:
        content = b"" if document is None else json.dumps(document).encode()
        kinds = {} if document is None else {"Content-Type": "application/json; charset=utf-8"}
        self._send(status, content, {**kinds, **headers})

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextlib.contextmanager
def serving(forge: FakeForge, secure: ssl.SSLContext | None = None) -> Iterator[FakeForge]:
    """The forge at an address of loopback, for as long as the block lasts."""
    handler = type("Handler", (_Handler,), {"forge": forge})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    if secure:
        server.socket = secure.wrap_socket(server.socket, server_side=True)
    forge.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield forge
    finally:
        forge.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _error(message: str) -> dict[str, str]:
    return {"message": message, "documentation_url": "https://docs.github.com/rest"}


def _missing() -> tuple[int, Any, dict[str, str]]:
    return 404, _error("Not Found"), {}


def _too_long() -> dict[str, Any]:
    detail = {
        "resource": "IssueComment",
        "code": "unprocessable",
        "field": "data",
        "message": "Body is too long (maximum is 65536 characters)",
    }
    return {**_error("Validation Failed"), "errors": [detail]}


def _pull() -> dict[str, Any]:
    """The pull request of GitHub's own example."""
    pull: dict[str, Any] = payload("pull_request")["pull_request"]
    return pull


def _user(login: str, kind: str) -> dict[str, Any]:
    user = dict(_pull()["user"])
    return {**user, "login": login, "type": kind, "id": sum(login.encode())}


def _public_user(login: str) -> dict[str, Any]:
    empty = dict.fromkeys(("name", "company", "blog", "location", "email", "hireable", "bio"))
    counts = dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0)
    times = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z"}
    return {**_user(login, "User"), **empty, **counts, **times, "user_view_type": "public"}


def _comment(identity: int, body: str, login: str, kind: str) -> dict[str, Any]:
    address = f"https://api.github.com/repos/{REPOSITORY}/issues"
    return {
        "id": identity,
        "node_id": f"IC_{identity}",
        "url": f"{address}/comments/{identity}",
        "html_url": f"https://github.com/{REPOSITORY}/pull/2#issuecomment-{identity}",
        "issue_url": f"{address}/2",
        "user": _user(login, kind),
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "author_association": "NONE",
        "body": body,
        "performed_via_github_app": None,
    }
