"""Turns the bytes of a configuration file into plain data with places, whatever the bytes are."""

from __future__ import annotations

import math
from typing import Any

from gatekeeper.formats.config_errors import dotted
from gatekeeper.formats.decoded_text import decoded
from gatekeeper.formats.located import UNUSABLE, Located, Place, UnreadableDocumentError
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.frozen import replace

TABLE: Place = ("tool", "gatekeeper")
_DEPTH_LIMIT = 32
# A pyproject.toml belongs to other tools too, so it may be longer.
_YAML_LIMIT = 256 * 1024
_TOML_LIMIT = 1024 * 1024


def read_yaml_bytes(content: bytes) -> Located:
    """The data of a `.gatekeeper.yml`. Raises `UnreadableDocumentError` where it cannot be read at all."""
    text = decoded(content, _YAML_LIMIT, "; a configuration is short")
    from gatekeeper.formats.yaml_places import read_yaml  # noqa: PLC0415 - yaml costs 15 ms, and most runs have none

    return _with_plain_values(read_yaml(text))


def read_toml_bytes(content: bytes) -> Located | None:
    """The data of `[tool.gatekeeper]` in a `pyproject.toml`, or None where it has no such table.

    Raises `UnreadableDocumentError` where it cannot be read at all.
    """
    # The table can be written in many ways (`[tool] gatekeeper.jobs = 1`), and none may go unseen.
    if b"gatekeeper" not in content:
        return None
    text = decoded(content, _TOML_LIMIT, "; a configuration is short")
    from gatekeeper.formats.toml_places import read_toml  # noqa: PLC0415 - tomllib costs 6 ms, and most runs have none

    located = read_toml(text, TABLE)
    return None if located is None else _with_plain_values(located)


def _with_plain_values(located: Located) -> Located:
    """The same without the values and keys that no setting can have; for each of them there is a problem."""
    problems = list(located.problems)

    def complain(place: Place, message: str) -> Any:
        problems.append((located.line_of(place), message))
        return UNUSABLE

    def plain(value: Any, place: Place) -> Any:
        if len(place) > _DEPTH_LIMIT:
            raise UnreadableDocumentError(f"nested more than {_DEPTH_LIMIT} levels deep", located.line_of(place))
        if isinstance(value, dict):
            for key in [key for key in value if not key.isprintable()]:
                complain((*place, key), f"the key `{one_line(key)}` holds a character that cannot be printed")
            pairs = ((key, plain(inner, (*place, key))) for key, inner in value.items() if key.isprintable())
            return {key: inner for key, inner in pairs if inner is not UNUSABLE}
        if isinstance(value, list):
            items = (plain(inner, (*place, index)) for index, inner in enumerate(value))
            return [item for item in items if item is not UNUSABLE]
        strange = "" if value is UNUSABLE else _strange(value)
        return complain(place, f"`{dotted(place)}` {strange}") if strange else value

    data = plain(located.data, ())
    return replace(located, data=None if data is UNUSABLE else data, problems=tuple(problems))


def _strange(value: Any) -> str:
    """Why no setting can have this value, or an empty text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "must be a finite number"
    if isinstance(value, str):
        if "\0" in value:
            return "must not hold the character NUL"
        if any("\ud800" <= char <= "\udfff" for char in value):
            return "must not hold half of a surrogate pair"
    elif not (value is None or isinstance(value, bool | int | float)):
        return "is a date or a time, which no setting has; put it in quotes"
    return ""
