"""The check runs of the fake forge: made and changed by apps, with the refusals that GitHub has for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

APP = "our-app"
_LIST = re.compile(r"/(?:repos/[^/]+/[^/]+|repositories/[0-9]+)/commits/([^/]+)/check-runs")
_MAKE = re.compile(r"/repos/[^/]+/[^/]+/check-runs")
_ONE = re.compile(r"/repos/[^/]+/[^/]+/check-runs/([0-9]+)")
_NUMBERS = {APP: 37, "github-actions": 15368, "other-app": 38}

Answer = tuple[int, Any, dict[str, str]]


class FakeChecks:
    """The check runs of all commits; `app` is the short name of the app whose token comes."""

    def __init__(self, user: Callable[[str, str], dict[str, Any]]) -> None:
        self.runs: list[dict[str, Any]] = []
        self.annotations: dict[int, list[dict[str, Any]]] = {}
        self.app = APP
        self._user = user

    def act(self, method: str, path: str, body: Any, address: str) -> Answer | None:
        """Status, document and headers of the answer; None for what is not about check runs."""
        where = urlsplit(path).path
        if found := _LIST.fullmatch(where):
            return self._list(found.group(1), path, address)
        if _MAKE.fullmatch(where):
            return self._make(body)
        if found := _ONE.fullmatch(where):
            run = next((run for run in self.runs if run["id"] == int(found.group(1))), None)
            if run is not None:
                return (200, run, {}) if method == "GET" else self._change(run, body)
        return None

    def add(self, name: str, sha: str, app: str = APP, external_id: str = "") -> dict[str, Any]:
        """Have an app make a check run."""
        number = 5000 + len(self.runs)
        owner = self._user("octocat", "User")
        run = _run(number, name, sha, external_id)
        run["app"] = _app(app, owner)
        self.runs.append(run)
        self.annotations[number] = []
        return run

    def _list(self, sha: str, path: str, address: str) -> Answer:
        query = parse_qs(urlsplit(path).query)
        names = query.get("check_name")
        found = [run for run in self.runs if run["head_sha"] == sha and (not names or run["name"] in names)]
        size, page = int(query.get("per_page", ["30"])[0]), int(query.get("page", ["1"])[0])
        headers = {}
        if len(found) > size * page:
            asked = urlsplit(path).query.partition("&page=")[0]
            next_page = f"{address}/repositories/1000/commits/{sha}/check-runs?{asked}&page={page + 1}"
            headers["Link"] = f'<{next_page}>; rel="next"'
        part = found[::-1][size * (page - 1) : size * page]  # the latest first, as GitHub has them
        return 200, {"total_count": len(found), "check_runs": part}, headers

    def _make(self, body: Any) -> Answer:
        if refused := _refused(body):
            return refused
        run = self.add(body["name"], body["head_sha"], self.app)
        self._fill(run, body)
        return 201, run, {}

    def _change(self, run: dict[str, Any], body: Any) -> Answer:
        if run["app"]["slug"] != self.app:
            number = run["app"]["id"]
            return 403, {"message": f"Invalid app_id `{number}` - check run can only be modified by its app"}, {}
        if refused := _refused(body):
            return refused
        self._fill(run, body)
        return 200, run, {}

    def _fill(self, run: dict[str, Any], body: Any) -> None:
        for name in ("external_id", "status", "conclusion", "details_url"):
            run[name] = body.get(name, run[name])
        output = body["output"]
        run["output"].update({name: output[name] for name in ("title", "summary")})
        self.annotations[run["id"]] += output.get("annotations", [])
        run["output"]["annotations_count"] = len(self.annotations[run["id"]])


def _refused(body: Any) -> Answer | None:
    """The refusal of what the description does not tell: GitHub names the field, and takes none of the annotations."""
    faults = [
        entry
        for entry in body["output"].get("annotations", ())
        if not entry["path"] or entry["start_line"] < 1 or entry["end_line"] < entry["start_line"]
        or len(entry["title"]) > 255 or len(entry["message"]) > 65_536
    ]  # fmt: skip
    if not faults and len(body["output"]["title"]) <= 255:
        return None
    detail = {"resource": "CheckRun", "code": "invalid", "field": "annotations"}
    return 422, {"message": "Validation Failed", "documentation_url": "https://docs.github.com", "errors": [detail]}, {}


def _run(number: int, name: str, sha: str, external_id: str) -> dict[str, Any]:
    address = f"https://api.github.com/repos/Codertocat/Hello-World/check-runs/{number}"
    counted = {"annotations_count": 0, "annotations_url": f"{address}/annotations"}
    return {
        "id": number,
        "node_id": f"CR_{number}",
        "name": name,
        "head_sha": sha,
        "external_id": external_id,
        "url": address,
        "html_url": f"https://github.com/Codertocat/Hello-World/runs/{number}",
        "details_url": None,
        "status": "queued",
        "conclusion": None,
        "started_at": "2020-01-01T00:00:00Z",
        "completed_at": None,
        "check_suite": {"id": 5},
        "output": {"title": None, "summary": None, "text": None, **counted},
        "pull_requests": [],
    }


def _app(slug: str, owner: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": _NUMBERS[slug],
        "slug": slug,
        "node_id": f"A_{slug}",
        "owner": owner,
        "name": slug,
        "description": None,
        "external_url": "https://example.com",
        "html_url": f"https://github.com/apps/{slug}",
        "created_at": "2020-01-01T00:00:00Z",
        "updated_at": "2020-01-01T00:00:00Z",
        "permissions": {"checks": "write"},
        "events": [],
    }
