"""Cuts GitHub's own description of its interface down to what Gatekeeper uses, and says where that was changed.

    python tests/contract/cut.py node_modules/@octokit/openapi/generated/api.github.com.json >tests/contract/octokit/api.json

Nothing is weakened: the paths in use are kept with every schema that they refer to. Examples and prose go. Two things
are added that GitHub's servers do and its description does not tell: the media type `application/vnd.github+json`, and
the address `/repositories/{repository_id}/...` that the `Link` header of a list leads to.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

COMMENTS = "/repos/{owner}/{repo}/issues/{issue_number}/comments"
CHECKS = "/repos/{owner}/{repo}/commits/{ref}/check-runs"
USED = {
    COMMENTS: ("get", "post"),
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ("patch", "delete"),
    "/repos/{owner}/{repo}/pulls/{pull_number}": ("get",),
    "/repos/{owner}/{repo}/pulls": ("get",),
    CHECKS: ("get",),
    "/repos/{owner}/{repo}/check-runs": ("post",),
    "/repos/{owner}/{repo}/check-runs/{check_run_id}": ("get", "patch"),
    "/user": ("get",),
    "/repos/{owner}/{repo}/activity": ("get",),
    "/repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs": ("get",),
    "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts": ("get",),
    "/repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}": ("get",),
}
BY_NUMBER = {
    COMMENTS: "/repositories/{repository_id}/issues/{issue_number}/comments",
    CHECKS: "/repositories/{repository_id}/commits/{ref}/check-runs",
}
MEDIA_TYPE = "application/vnd.github+json"
_PROSE = ("description", "summary", "externalDocs", "tags", "x-github", "example", "examples")
_SCHEMA_MAPS = ("properties", "patternProperties")


def cut(description: dict[str, Any]) -> dict[str, Any]:
    """The part of the description that is used."""
    paths = {path: {method: description["paths"][path][method] for method in methods} for path, methods in USED.items()}
    for path, by_number in BY_NUMBER.items():
        paths[by_number] = {"get": _by_number(description["paths"][path]["get"])}
    kept = {
        "openapi": description["openapi"],
        "info": _info(description),
        "paths": _without_prose(paths),
        "components": {},
    }
    waiting = _references(kept["paths"])
    while waiting:
        _, _, kind, name = waiting.pop().split("/", 3)
        group = kept["components"].setdefault(kind, {})
        if name not in group:
            group[name] = _without_prose(description["components"][kind][name])
            waiting += _references(group[name])
    _alias_media_type(kept)
    return kept


def _info(description: dict[str, Any]) -> dict[str, Any]:
    return {key: description["info"][key] for key in ("title", "version", "license")}


def _by_number(operation: dict[str, Any]) -> dict[str, Any]:
    number = {"name": "repository_id", "in": "path", "required": True, "schema": {"type": "integer"}}
    gone = ("#/components/parameters/owner", "#/components/parameters/repo")
    kept = [entry for entry in operation["parameters"] if entry.get("$ref") not in gone]
    return {**operation, "operationId": f"{operation['operationId']}-by-number", "parameters": [number, *kept]}


def _without_prose(value: Any, is_map: bool = False) -> Any:
    """The same without texts; the keys of a map of schemas are names and stay. A response has to have a description."""
    if isinstance(value, list):
        return [_without_prose(item) for item in value]
    if not isinstance(value, dict):
        return value
    if is_map:
        return {name: _without_prose(item) for name, item in value.items()}
    kept = {
        name: _without_prose(item, name in _SCHEMA_MAPS)
        for name, item in value.items()
        if not (name in _PROSE or name.startswith("x-"))
    }
    if "description" in value and ("content" in value or "headers" in value or set(value) == {"description"}):
        kept["description"] = ""
    return kept


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [found for item in value.values() for found in _references(item)]
    return [found for item in value for found in _references(item)] if isinstance(value, list) else []


def _alias_media_type(value: Any) -> None:
    """Let every body in JSON be of GitHub's own media type as well."""
    if isinstance(value, dict):
        content = value.get("content")
        if isinstance(content, dict) and "application/json" in content:
            content.setdefault(MEDIA_TYPE, content["application/json"])
        for item in value.values():
            _alias_media_type(item)
    elif isinstance(value, list):
        for item in value:
            _alias_media_type(item)


def written(description: dict[str, Any]) -> str:
    """The cut as it is kept in a file."""
    return json.dumps(cut(description), indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.stdout.write(written(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))))
