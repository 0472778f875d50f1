"""Turns values of the model into values that any JSON encoder takes, so that no byte of a file name is lost."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from gatekeeper.formats.terminal_text import name_bytes, without_surrogates


def json_paths(key: str, paths: Sequence[str]) -> dict[str, list[str]]:
    """The paths under their key; where one is no UTF-8, the exact bytes of all in Base64 under `<key>_bytes`."""
    if all(without_surrogates(path) == path for path in paths):
        return {key: list(paths)}
    from base64 import b64encode  # noqa: PLC0415 - hardly any name is no UTF-8

    raw = [name_bytes(path) for path in paths]
    encoded = [b64encode(name).decode("ascii") for name in raw]
    return {key: [name.decode("utf-8", "replace") for name in raw], f"{key}_bytes": encoded}


def json_path(key: str, path: str) -> dict[str, str]:
    """The path under its key, and where it is no UTF-8 its exact bytes in Base64 under `<key>_bytes`."""
    return {name: values[0] for name, values in json_paths(key, [path]).items()}


def json_value(value: Any) -> Any:
    """The value with U+FFFD for lone surrogates, null for numbers that JSON does not have, and lists for tuples."""
    if isinstance(value, dict):
        return {key: json_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_value(item) for item in value]
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
