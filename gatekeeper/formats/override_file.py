"""Reads the file of overrides: entries with an owner, a reason and an expiry; without one of them none holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from gatekeeper.formats.config_errors import origin, shown
from gatekeeper.formats.config_text import read_yaml_bytes
from gatekeeper.formats.located import Located, UnreadableDocumentError
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.gate_override import OVERRIDES_FILE, GateOverride, OverrideRecord, OverrideState

_TEXTS = ("gate", "owner", "reason", "expires")
_LISTS = ("paths", "rules")


def read_overrides(content: bytes | None, today: date) -> tuple[OverrideRecord, ...]:
    """What the file says, entry by entry: `unused` (so far), `expired` or `malformed`, with the reason.

    `content` is None for what is no regular file of a readable size. An entry holds through the day that it names;
    `today` is the day of the run. Whatever the bytes are, nothing is raised.
    """
    if content is None:
        return (_malformed(None, "the file cannot be read; it must be a regular file of at most 256 kB"),)
    try:
        located = read_yaml_bytes(content)
    except UnreadableDocumentError as trouble:
        return (_malformed(trouble.line, f"the file cannot be read: {trouble.message}"),)
    if located.problems:  # such as one key twice: which of the two was meant is not ours to guess
        return tuple(_malformed(line, message) for line, message in located.problems)
    data = {"overrides": None} if located.data is None else located.data
    if not isinstance(data, dict) or set(data) != {"overrides"} or not isinstance(data["overrides"] or [], list):
        return (_malformed(1, "the file must hold the one key `overrides`, with a list of entries"),)
    entries = data["overrides"] or []
    return tuple(_record(entry, located, ("overrides", index), today) for index, entry in enumerate(entries))


def _record(entry: Any, located: Located, place: tuple[str | int, ...], today: date) -> OverrideRecord:
    line = located.line_of(place)
    trouble = "; ".join(_troubles(entry))
    if trouble:
        return _malformed(line, trouble)
    override = GateOverride(
        gate=entry["gate"],
        owner=entry["owner"].strip(),
        reason=" ".join(entry["reason"].split()),
        expires=date.fromisoformat(entry["expires"]),
        paths=tuple(entry.get("paths") or ()),
        rules=tuple(entry.get("rules") or ()),
        source=origin(OVERRIDES_FILE, line),
    )
    if today > override.expires:
        return OverrideRecord(override.source, OverrideState.EXPIRED, f"it ended on {override.expires}", override)
    return OverrideRecord(override.source, OverrideState.UNUSED, "its gate did not fail", override)


def _troubles(entry: Any) -> Iterator[str]:
    """Everything that keeps an entry from being one."""
    if not isinstance(entry, dict):
        yield f"an override is a mapping of keys to values, not {shown(entry)}"
        return
    for key in _TEXTS:
        value = entry.get(key)
        if value is None or value == "":
            yield f"`{key}` is missing"
        elif not isinstance(value, str) or not any(map(str.isalnum, value)):  # what nobody can read names nobody
            yield f"`{key}` must be a text"
    yield from _list_troubles(entry)
    yield from (f"unknown key `{one_line(key)[:40]}`" for key in entry if key not in (*_TEXTS, *_LISTS))
    expires = entry.get("expires")
    if isinstance(expires, str) and expires and not _is_day(expires):
        yield f"`expires` must be a day such as 2027-01-31, not {shown(expires)}"


def _list_troubles(entry: dict[str, Any]) -> Iterator[str]:
    for key in _LISTS:
        items = entry.get(key, ["any"])
        if not isinstance(items, list) or not all(isinstance(item, str) and item for item in items):
            yield f"`{key}` must be a list of texts"
        elif not items:
            yield f"`{key}` is empty; leave it out for no limit"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _malformed(line: int | None, why: str) -> OverrideRecord:
    return OverrideRecord(origin(OVERRIDES_FILE, line), OverrideState.MALFORMED, why)
