"""Reads SARIF 2.1.0, the JSON that static analysers of every language can write."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from gatekeeper.formats.places import path_of_uri, placed
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import Diagnostic

_SILENT_KINDS = frozenset({"pass", "notApplicable", "informational"})
_LEVELS = frozenset({"error", "warning", "note", "none"})
_PLACE_HOLDER = re.compile(r"\{(\d{1,3})\}")
_MOST_BASES = 20
_MOST_SAID = 500

_Object = dict[str, Any]


def read_sarif(text: str, root: str) -> tuple[Diagnostic, ...]:
    """Every result of every run that says something is wrong and that nobody suppressed.

    Raises UnreadableReport where the log is cut off, of another version, holds no run, or where a run says that the
    tool did not get to its end.
    """
    try:
        log = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableReport(f"the sarif report is no complete JSON: {str(error)[:200]}") from None
    if not isinstance(log, dict) or not str(log.get("version", "")).startswith("2.1"):
        raise UnreadableReport("the sarif report is no SARIF 2.1 log")
    runs = _objects(log, "runs")
    if not runs or not _is_list_of_objects(log["runs"]):
        raise UnreadableReport("the sarif report holds no run")
    return tuple(diagnostic for run in runs for diagnostic in _Run(run, root).diagnostics())


class _Run:
    """One run of a log: its rules, and where its paths begin."""

    def __init__(self, run: _Object, root: str) -> None:
        self._run = run
        self._root = root
        tool = _object(run, "tool")
        self._components = [_object(tool, "driver"), *_objects(tool, "extensions")]
        self._rules = [_objects(component, "rules") for component in self._components]
        self._by_id = {str(rule.get("id")): rule for rules in reversed(self._rules) for rule in rules}

    def diagnostics(self) -> Iterator[Diagnostic]:
        """What the run found; raises UnreadableReport where it did not get to its end."""
        self._check_invocations()
        if not _is_list_of_objects(self._run.get("results")):
            raise UnreadableReport("the sarif report has a run without results: the tool did not get to look")
        for result in _objects(self._run, "results"):
            if str(result.get("kind")) in _SILENT_KINDS or result.get("baselineState") == "absent":
                continue
            if not _suppressed(result):
                yield self._diagnostic(result)

    def _check_invocations(self) -> None:
        for invocation in _objects(self._run, "invocations"):
            if invocation.get("executionSuccessful") is False:
                notes = _objects(invocation, "toolExecutionNotifications")
                notes += _objects(invocation, "toolConfigurationNotifications")
                errors = [self._said(note) for note in notes if note.get("level") in (None, "error")]
                said = "; ".join(errors)[:_MOST_SAID]
                raise UnreadableReport("the sarif report says that the tool failed" + (f": {said}" if said else ""))

    def _said(self, note: _Object) -> str:
        """What a tool says of its own failure, with the place where there is one: most often, code it cannot parse."""
        place = _place(note)
        path = self._path(_object(place, "artifactLocation"))
        line = _count(_object(place, "region").get("startLine"))
        return (f"{path}:{line or 1}: " if path else "") + _text(_object(note, "message"))

    def _diagnostic(self, result: _Object) -> Diagnostic:
        rule_id, rule = self._rule_of(result)
        place = _place(result)
        region = _object(place, "region")
        return Diagnostic(
            path=self._path(_object(place, "artifactLocation")),
            line=_count(region.get("startLine")),
            rule=rule_id,
            message=self._message(_object(result, "message"), rule),
            level=_level(result, rule),
            column=_count(region.get("startColumn")),
            end_line=_count(region.get("endLine")),
        )

    def _rule_of(self, result: _Object) -> tuple[str, _Object]:
        """The id and the description of a rule, named by index or by id ("CA1000/2" is a part of "CA1000")."""
        reference = _object(result, "rule")
        rule_id = str(result.get("ruleId") or reference.get("id") or "")
        extension = _object(reference, "toolComponent").get("index")
        rules = self._rules[0] if extension is None else _at(self._rules[1:], extension) or []
        found = _at(rules, result.get("ruleIndex", reference.get("index")))
        rule = found or self._by_id.get(rule_id) or self._by_id.get(rule_id.rpartition("/")[0]) or {}
        return rule_id or str(rule.get("id") or "sarif"), rule

    def _message(self, message: _Object, rule: _Object) -> str:
        strings = _object(_object(rule, "messageStrings"), str(message.get("id", "")))
        text = _text(message) or _text(strings) or _text(_object(rule, "shortDescription"))
        arguments = message.get("arguments")
        words = [str(word) for word in arguments] if isinstance(arguments, list) else []
        return _PLACE_HOLDER.sub(lambda hole: _at(words, int(hole[1])) or hole[0], text)

    def _path(self, location: _Object) -> str:
        """Where a result lies; a base that the log leaves open, such as %SRCROOT%, is the folder the tool ran in."""
        if "uri" not in location:
            location = _object(_at(_objects(self._run, "artifacts"), location.get("index")) or {}, "location")
        path = _path_of(location)
        bases = _object(self._run, "originalUriBaseIds")
        for _ in range(_MOST_BASES):  # a base may have a base; no more of them, since they could go round in a circle
            location = _object(bases, str(location.get("uriBaseId")))
            path = posixpath.join(_path_of(location), path)
        return placed(path, self._root)


def _place(owner: _Object) -> _Object:
    """The first physical location of a result or a notification."""
    return _object(next(iter(_objects(owner, "locations")), {}), "physicalLocation")


def _path_of(location: _Object) -> str:
    uri = location.get("uri")
    return path_of_uri(uri) if isinstance(uri, str) else ""


def _level(result: _Object, rule: _Object) -> str:
    level = result.get("level") or _object(rule, "defaultConfiguration").get("level")
    if result.get("kind", "fail") != "fail":
        return "none"
    return level if isinstance(level, str) and level in _LEVELS else "warning"


def _suppressed(result: _Object) -> bool:
    """Whether the result was waved through; a request for that, or a refused one, does not count."""
    entries = _objects(result, "suppressions")
    return bool(entries) and all(entry.get("status", "accepted") == "accepted" for entry in entries)


def _text(message: _Object) -> str:
    return str(message.get("text") or message.get("markdown") or "")


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _at(items: list[Any], index: object) -> Any:
    """The item at an index, or None for an index that is none (SARIF writes -1 for "not given")."""
    return items[index] if isinstance(index, int) and 0 <= index < len(items) else None


def _is_list_of_objects(value: object) -> bool:
    """Where something else were skipped in silence, a result could get lost."""
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _object(owner: _Object, name: str) -> _Object:
    value = owner.get(name)
    return value if isinstance(value, dict) else {}


def _objects(owner: _Object, name: str) -> list[_Object]:
    value = owner.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
