"""The runs of the fake forge with their artifacts, and the storage on another host that holds these."""

from __future__ import annotations

import contextlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.contract.description import VENDORED

NUMBER = 186853002
"""The number of the repository."""

NAME = "gatekeeper-memory-default"
WORKFLOW = "gatekeeper.yml"
MEMBER = "gatekeeper-memory.tgz"
SIGNED = "?sig=secret"
_ACTIVITY = re.compile(r"/repos/[^/]+/[^/]+/activity")
_RUNS = re.compile(r"/repos/[^/]+/[^/]+/actions/workflows/([^/]+)/runs")
_ARTIFACTS = re.compile(r"/repos/[^/]+/[^/]+/actions/runs/([0-9]+)/artifacts")
_ZIP = re.compile(r"/repos/[^/]+/[^/]+/actions/artifacts/([0-9]+)/zip")

Answer = tuple[int, Any, dict[str, str]]


def zipped(content: bytes, *names: str) -> bytes:
    """A zip file that holds this under each name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or (MEMBER,):
            archive.writestr(name, content)
    return made.getvalue()


class FakeMemory:
    """What the default branch was at, the runs, their artifacts, and the storage."""

    def __init__(self) -> None:
        self.example = json.loads((VENDORED / "memory.json").read_text(encoding="utf-8"))
        self.activities: list[dict[str, Any]] = []
        self.runs: list[dict[str, Any]] = []
        self.artifacts: list[dict[str, Any]] = []
        self.gone: set[int] = set()
        self.storage = ""
        self.blobs: dict[str, bytes] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.status = 200

    def arrive(self, sha: str, ref: str = "refs/heads/main", kind: str = "push") -> None:
        """Have a reference come to be at a commit."""
        number = len(self.activities) + 1
        self.activities.insert(0, {
            "id": number, "node_id": f"PSH_{number}", "before": "0" * 40, "after": sha, "ref": ref,
            "timestamp": "2020-01-01T00:00:00Z", "activity_type": kind, "actor": None,
        })  # fmt: skip

    def run(self, number: int, sha: str, **other: Any) -> dict[str, Any]:
        """Have a run end, by default one of a push to the default branch."""
        run = dict(self.example["workflow_run"])
        own = {**run["repository"], "id": NUMBER}
        run.update(id=number, head_sha=sha, head_branch="main", event="push", status="completed")
        run.update(repository=own, head_repository=own, path=f".github/workflows/{WORKFLOW}")
        run.update(other)
        self.runs.insert(0, run)
        return run

    def leave(self, run: dict[str, Any], content: bytes, **other: Any) -> dict[str, Any]:
        """Have a run leave an artifact."""
        number = 100 + len(self.artifacts)
        made_by = {
            "id": run["id"], "repository_id": run["repository"]["id"], "head_branch": run["head_branch"],
            "head_repository_id": run["head_repository"]["id"], "head_sha": run["head_sha"],
        }  # fmt: skip
        artifact = {**self.example["artifact"], "id": number, "name": NAME, "size_in_bytes": len(content)}
        artifact.update(workflow_run=made_by, digest=f"sha256:{sha256(content).hexdigest()}", expired=False)
        artifact.update(other)
        self.artifacts.append(artifact)
        self.blobs[f"/{number}.zip{SIGNED}"] = content
        return artifact

    def act(self, path: str) -> Answer | None:
        """Status, document and headers of the answer; None for what is not about runs."""
        where, query = urlsplit(path).path, {name: words[0] for name, words in parse_qs(urlsplit(path).query).items()}
        if _ACTIVITY.fullmatch(where):
            return 200, [entry for entry in self.activities if entry["ref"] == query["ref"]], {}
        if found := _RUNS.fullmatch(where):
            wanted = {"head_branch": query["branch"], "event": query["event"], "status": query["status"]}
            runs = [run for run in self.runs if wanted.items() <= run.items() and run["path"].endswith(f"/{found[1]}")]
            return 200, {"total_count": len(runs), "workflow_runs": runs}, {}
        if found := _ARTIFACTS.fullmatch(where):
            of_run = [one for one in self.artifacts if one["workflow_run"]["id"] == int(found[1])]
            named = [one for one in of_run if one["name"] == query.get("name", one["name"])]
            return 200, {"total_count": len(named), "artifacts": named}, {}
        if found := _ZIP.fullmatch(where):
            if int(found[1]) in self.gone:
                return 410, {"message": "Artifact has expired"}, {}
            return 302, None, {"Location": f"{self.storage}/{found[1]}.zip{SIGNED}"}
        return None


@contextlib.contextmanager
def storing(memory: FakeMemory) -> Iterator[FakeMemory]:
    """The storage at a host and a port of its own, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            memory.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            content = memory.blobs.get(self.path)
            self.send_response(memory.status if content is not None else 404)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, format: str, *arguments: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    memory.storage = f"http://localhost:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield memory
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
