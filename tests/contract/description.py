"""Holds requests and answers against GitHub's own description of its interface, in this process."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, quote, urlsplit

import jsonschema_rs

VENDORED = Path(__file__).parent / "octokit"


@cache
def description() -> dict[str, Any]:
    """The cut description, as JSON Schema: `nullable` of OpenAPI 3.0 written as a type."""
    return _plain(json.loads((VENDORED / "api.json").read_text(encoding="utf-8")))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {name: _plain(item) for name, item in value.items()}
    if plain.pop("nullable", None) is True and not isinstance(value.get("nullable"), dict):
        return {"anyOf": [{"type": "null"}, plain]}
    return plain


@cache
def _validator(place: str) -> Any:
    """The validator of the schema at a JSON pointer into the description."""
    return jsonschema_rs.Draft202012Validator(
        {"$ref": f"#{quote(place, safe='/~')}", **description()}, validate_formats=False
    )


def _pointer(*steps: str) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)


def _faults(place: str, value: Any) -> list[str]:
    return [f"{error.message} at {list(error.instance_path)}" for error in _validator(place).iter_errors(value)]


def template_of(path: str) -> str | None:
    """The path of the description that a path belongs to; one with fewer variables is preferred."""
    fitting = [
        template
        for template in description()["paths"]
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), urlsplit(path).path)
    ]
    return min(fitting, key=lambda template: template.count("{")) if fitting else None


def request_faults(method: str, path: str, body: Any) -> list[str]:
    """What the description has against a request; nothing if it keeps to it."""
    template = template_of(path)
    operation = description()["paths"].get(template, {}).get(method.lower())
    if operation is None:
        return [f"{method} {path} is not described"]
    faults = []
    parameters = {
        entry["name"]: entry for entry in map(_resolved, operation.get("parameters", ())) if entry["in"] == "query"
    }
    for name, values in parse_qs(urlsplit(path).query).items():
        faults += _parameter_faults(name, values, parameters.get(name))
    if "requestBody" in operation:
        place = ("paths", str(template), method.lower(), "requestBody", "content", "application/json", "schema")
        faults += _faults(_pointer(*place), body)
    elif body is not None:
        faults.append(f"{method} {path} takes no body")
    return faults


def _parameter_faults(name: str, values: list[str], parameter: dict[str, Any] | None) -> list[str]:
    if parameter is None:
        return [f"the parameter {name} is not described"]
    kind, value = parameter["schema"].get("type"), cast("Any", values[0])
    if (kind == "integer" and value.isdigit()) or (kind == "boolean" and value in ("true", "false")):
        value = json.loads(value)
    found = jsonschema_rs.Draft202012Validator(parameter["schema"]).iter_errors(value)
    over = ["per_page is above 100"] if name == "per_page" and int(values[0]) > 100 else []
    return [error.message for error in found] + over


def _resolved(entry: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in entry:
        return entry
    _, _, kind, name = entry["$ref"].split("/")
    return dict(description()["components"][kind][name])


def answer_faults(method: str, path: str, status: int, document: Any) -> list[str]:
    """What the description has against an answer; a status that it does not know is no fault of the answer."""
    template = str(template_of(path))
    answers = description()["paths"][template][method.lower()]["responses"]
    if str(status) not in answers:
        return [] if status >= 300 else [f"{status} is not described"]
    answer = answers[str(status)]
    place = (
        [*answer["$ref"].split("/")[1:]]
        if "$ref" in answer
        else ["paths", template, method.lower(), "responses", str(status)]
    )
    if "content" not in _resolved(answer):
        return [] if document is None else [f"{status} has no body"]
    return _faults(_pointer(*place, "content", "application/json", "schema"), document)
