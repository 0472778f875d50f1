"""Reads a rule file: the facts in its front matter, each of which Gatekeeper enforces or reports."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

from gatekeeper.formats.config_errors import Problem, origin
from gatekeeper.formats.front_fields import Fields, Reading
from gatekeeper.formats.front_matter import ReadYaml, parsed_yaml, read_front_matter
from gatekeeper.formats.located import UnreadableDocumentError
from gatekeeper.model.plan import Pillar
from gatekeeper.model.rules import Level, RuleFile

_LIMITS = {
    "workstream_per_directory_from": (2, 1000, True),
    "launch_seconds_max": (0, 3600, False),
    "parallelisation_rate_min": (0, 100, False),
    "utilisation_min": (0, 100, False),
    "gate_coverage_min": (0, 100, False),
    "max_fix_iterations": (1, 100, True),
}
_QUALITY = (Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS)
FACTS = ("delegation", *_LIMITS, "pillars")
"""Every fact that a rule file may hold."""


def read_rule(content: bytes, path: str, source: str = "", read: ReadYaml = parsed_yaml) -> Reading[RuleFile]:
    """The rules in a file; `path` is for messages, `source` for the record (the path, unless something else)."""
    try:
        front = read_front_matter(content, read)
    except UnreadableDocumentError as trouble:
        return Reading(None, (Problem(path, trouble.line, trouble.message),))
    fields = Fields(front, path)
    fields.only(("name", *FACTS))
    facts: dict[str, Any] = {}
    if fields.has("delegation"):
        facts["delegation"] = _delegation(fields)
    for key, (low, high, whole) in _LIMITS.items():
        facts[key] = fields.number((key,), low, high, whole)
    if fields.has("pillars"):
        facts["pillars"] = tuple(Pillar(word) for word in fields.choices("pillars", _QUALITY, "pillar"))
    rule = RuleFile(
        fields.name("name"), {k: v for k, v in facts.items() if v not in (None, ())}, front.body, source or path
    )
    notes = list(front.notes)
    if not rule.facts and not fields.problems:
        notes.append("it holds no fact, so it is there for people only: nothing enforces its text")
    problems = tuple(dict.fromkeys(fields.problems))
    return Reading(None if problems else rule, problems, tuple(f"{origin(path, None)}: {note}" for note in notes))


def _delegation(fields: Fields) -> tuple[tuple[Level, int], ...]:
    """From how many files on each level holds; a level that is left out never holds."""
    steps = fields.mapping("delegation", partial(_step, fields), tuple(Level))
    ordered = tuple((level, steps[level]) for level in Level if level in steps)
    for (level, start), (next_level, next_start) in pairwise(ordered):
        if next_start <= start:
            place = ("delegation", next_level.value)
            fields.complain(place, f"`{next_level}` must begin at more files than `{level}`, which begins at {start}")
    return ordered


def _step(fields: Fields, level: str) -> float | None:
    return fields.number(("delegation", level), 1, 1_000_000, whole=True)
