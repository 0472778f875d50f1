"""Holds a configuration against the published schema, and says in words where it differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from gatekeeper.formats.config_errors import dotted, expected, listed, meant, nearest, shown
from gatekeeper.formats.located import Place
from gatekeeper.schemas import read_schema

Complaint = tuple[Place, str]
"""Where in the data something is wrong, and what."""

_PYTHON_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "string": str,
    "array": (list, tuple),
    "object": dict,
    "null": type(None),
}


def schema_at(place: Place) -> Mapping[str, Any]:
    """The part of the schema that describes a place; empty where the schema knows none."""
    node = _resolved(read_schema("config"))
    for part in place:
        if isinstance(part, int):
            inner = node.get("items", {})
        else:
            inner = node.get("properties", {}).get(part) or node.get("additionalProperties") or {}
        node = _resolved(inner)
    return node


def complaints(data: Any) -> list[Complaint]:
    """Everything in which plain data (no dates, no endless numbers, no lone surrogates) differs from the schema."""
    found: list[Complaint] = []
    for error in _validator().iter_errors(data):
        place = tuple(error.instance_path)
        found += _worded(place, error.kind, error.instance)
    return list(dict.fromkeys(found))


@cache
def _validator() -> Any:
    import jsonschema_rs  # noqa: PLC0415 - costs 40 ms, and most runs have no configuration file

    return jsonschema_rs.validator_for(read_schema("config"))


def misfit(value: Any, place: Place) -> str:
    """What is wrong with a single value (text, number or boolean) at a place, or an empty text.

    For the few values that come from flags and the environment: no validator is imported for them.
    """
    node = schema_at(place)
    if not node:
        return f"there is no setting `{dotted(place)}`"
    kinds = node.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    fits = not kinds or any(_is(value, kind) for kind in kinds)
    if fits and "enum" in node:
        fits = value in node["enum"]
    if fits and isinstance(value, int | float) and not isinstance(value, bool):
        fits = node.get("minimum", value) <= value <= node.get("maximum", value)
    if fits and isinstance(value, str):
        fits = len(value) >= node.get("minLength", 0)
    return "" if fits else f"must be {expected(node)}, not {shown(value)}"


def _is(value: Any, kind: str) -> bool:
    wanted = _PYTHON_TYPES[kind]
    return isinstance(value, wanted) and (kind == "boolean" or not isinstance(value, bool))


def _resolved(node: Any) -> dict[str, Any]:
    """A part of the schema with what it refers to; what stands beside a reference goes before it."""
    merged: dict[str, Any] = {}
    while isinstance(node, dict):
        merged = {**node, **merged}
        reference = node.get("$ref")
        if reference is None:
            break
        node = read_schema("config")["$defs"][reference.rpartition("/")[2]]
    return merged


def _worded(place: Place, kind: Any, instance: Any) -> Iterator[Complaint]:
    facts = kind.as_dict()
    match kind.name:
        case "additionalProperties":
            for key in facts["unexpected"]:
                yield (*place, key), _unknown(place, key)
        case "propertyNames":
            key = str(facts["error"].instance)
            yield (*place, key), _misnamed(place, key)
        case "required":
            yield place, f"`{dotted((*place, facts['property']))}` is missing"
        case "minLength" | "minProperties":
            yield place, f"`{dotted(place)}` must not be empty"
        case "maxLength" | "maxItems":
            yield place, f"`{dotted(place)}` is longer than {facts['limit']}"
        case _:
            yield place, _unfit(place, instance)


def _unfit(place: Place, value: Any) -> str:
    node = schema_at(place)
    message = f"`{dotted(place)}` must be {expected(node)}, not {shown(value)}"
    if not place:
        return f"a configuration is {expected(node)}, not {shown(value)}"
    options = node.get("enum") or node.get("then", {}).get("enum") or ()
    near = nearest(value, [o for o in options if isinstance(o, str)]) if isinstance(value, str) else None
    if near:
        return f"{message}; did you mean `{near}`?"
    if "array" in node.get("type", ()) and isinstance(value, str):
        return f"{message}; put it in brackets: [{shown(value).removeprefix('the text ')}]"
    return message


def _unknown(place: Place, key: str) -> str:
    """An unknown key: the nearest known one, or the gate to which it belongs."""
    known = schema_at(place).get("properties", {})
    message = f"unknown key `{dotted((*place, key))}`"
    gates = schema_at(("gates",))["properties"]
    if not place and key in gates:
        return f"{message}; a gate stands under `gates`: `gates.{key}`"
    near = nearest(key, known)
    if near:
        return f"{message}; did you mean `{near}`?"
    if len(place) == 2 and place[0] == "gates":
        owners = [name for name in gates if key in schema_at(("gates", name))["properties"]]
        if owners:
            return f"{message}; `{key}` is a key of {listed(owners)}"
        if key in schema_at(("gates", "any-command"))["properties"]:
            return f"{message}; `{key}` is a key of command gates only"
    return f"{message}; {meant(key, known)}"


def _misnamed(place: Place, key: str) -> str:
    name = dotted((*place, key))
    if place == ("gates",):
        return f"`{name}` is no name for a gate; use small letters, digits, `-` and `_`, and begin with a letter"
    if place == ("fix",):
        return f"`{name}` is no name for a fixer; use small letters, digits, `-` and `_`, and begin with a letter"
    return f"`{name}` is no name for an environment variable; use letters, digits and `_`, and begin with no digit"
