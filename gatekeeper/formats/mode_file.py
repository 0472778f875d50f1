"""Reads a mode file: what its front matter says, and everything that is wrong with it."""

from __future__ import annotations

from functools import partial

from gatekeeper.formats.config_errors import Problem, origin
from gatekeeper.formats.front_fields import Fields, Reading
from gatekeeper.formats.front_matter import ReadYaml, parsed_yaml, read_front_matter
from gatekeeper.formats.located import UnreadableDocumentError
from gatekeeper.model.mode import Mode, Priority
from gatekeeper.model.override import OVERRIDES
from gatekeeper.model.trigger import Trigger

_KEYS = (
    "name",
    "category",
    "priority",
    "conflicts",
    "dependencies",
    "group",
    "overrides",
    "tags",
    "auto_activate_triggers",
)


def read_mode(content: bytes, path: str, source: str = "", read: ReadYaml = parsed_yaml) -> Reading[Mode]:
    """The mode in a file; `path` is for messages, `source` for the mode itself (else the path)."""
    try:
        front = read_front_matter(content, read)
    except UnreadableDocumentError as trouble:
        return Reading(None, (Problem(path, trouble.line, trouble.message),))
    fields = Fields(front, path)
    fields.only(_KEYS)
    mode = Mode(
        name=fields.name("name"),
        category=fields.text("category"),
        priority=Priority(fields.choice(("priority",), tuple(Priority), Priority.MEDIUM)),
        conflicts=fields.texts("conflicts"),
        dependencies=fields.texts("dependencies"),
        group=fields.text("group"),
        overrides=fields.mapping("overrides", partial(_override, fields), OVERRIDES),
        tags=fields.texts("tags"),
        triggers=fields.choices("auto_activate_triggers", tuple(Trigger), "trigger"),
        body=front.body,
        source=source or origin(path, None),
    )
    _check_references(mode, fields)
    notes = tuple(f"{origin(path, None)}: {note}" for note in front.notes)
    problems = tuple(dict.fromkeys(fields.problems))
    return Reading(None if problems else mode, problems, notes)


def _override(fields: Fields, key: str) -> float | str | None:
    """The value of one override."""
    override, place = OVERRIDES[key], ("overrides", key)
    if override.words:
        return fields.choice(place, override.words, "") or None
    return fields.number(place, override.low, override.high, override.whole)


def _check_references(mode: Mode, fields: Fields) -> None:
    """A mode can neither conflict with itself nor need itself, nor need what it conflicts with."""
    for name in mode.conflicts:
        if name == mode.name:
            fields.complain(("conflicts",), "a mode cannot conflict with itself")
        if name in mode.dependencies:
            fields.complain(("conflicts",), f"`{name}` stands under `conflicts` and under `dependencies`")
    if mode.name in mode.dependencies:
        fields.complain(("dependencies",), "a mode cannot depend on itself")
