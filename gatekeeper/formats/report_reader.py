"""Reads a report back from its JSON document, which may come from anybody and is believed in nothing but its shape."""

from __future__ import annotations

import math
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

from gatekeeper.formats.plan_reader import read_account, read_plan
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.gate_override import GateOverride, OverrideRecord, OverrideState
from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.model.policy_change import PolicyChange, Relaxed
from gatekeeper.model.report import Exit, Metrics, Report
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.schemas import read_schema

MOST_VALUES = 3_000_000
"""How many values a document may hold, all levels together."""

MOST_TEXT = 64_000_000
"""How many characters its texts may have, all together."""

_DEEPEST = 24
_LARGEST = 10**12
_MOST = {"verdicts": 500, "jobs": 2_000, "workstreams": 1_000, "units": 5_000, "files": 100_000, "overrides": 2_000}
_MOST_NEEDS = 20_000
_LAST_LINE = 10_000_000
_DETAILS = 100_000
_EXITS = {exit_code.name.lower(): exit_code for exit_code in Exit}

_Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report, and the version of Gatekeeper that wrote it.

    It knows what the document knows: files without their texts, jobs without their environment.
    """

    report: Report
    version: str


def read_report(document: object) -> ReadReport:
    """The report of a document (values as `json.loads` gives them).

    Raises UnreadableReport for one that does not keep to `report.schema.json` or `plan.schema.json`, is at odds with
    itself, or is larger, deeper or stranger than any run makes it.
    """
    _check_bounds(document)
    _check_shape("report", document)
    assert isinstance(document, dict)  # noqa: S101 - the schema says so
    if document["plan"]["change"] is not None:
        _check_plan(document["plan"]["change"])
    if _EXITS[document["verdict"]] != document["exit"]:
        raise UnreadableReport(f"the report is {document['verdict']} and has the exit code {document['exit']}")
    try:
        return ReadReport(_report(document), document["version"])
    except (ValueError, OverflowError) as error:
        raise UnreadableReport(f"the report holds a value that cannot be: {str(error)[:200]}") from None


def _check_bounds(document: object) -> None:
    """Walks without recursion, so that no nesting is too deep for the walk itself."""
    waiting: list[tuple[object, int, str]] = [(document, 0, "")]
    values = characters = 0
    while waiting:
        value, depth, key = waiting.pop()
        values += 1
        if isinstance(value, str):
            characters += len(value)
        elif isinstance(value, dict | list):
            if len(value) > _MOST.get(key, MOST_VALUES) or depth > _DEEPEST:
                raise UnreadableReport(f"the report is larger or deeper than a run makes it (at {key[:60]!r})")
            entries = value.items() if isinstance(value, dict) else ((key, item) for item in value)
            waiting += [(item, depth + 1, name) for name, item in entries]
        elif isinstance(value, int | float) and not (math.isfinite(value) and abs(value) <= _LARGEST):
            raise UnreadableReport("the report holds a number that no run has")
        if values > MOST_VALUES or characters > MOST_TEXT:
            raise UnreadableReport("the report is larger than a run makes it")


@cache
def _validator(name: str) -> Any:
    import jsonschema_rs  # noqa: PLC0415 - costs 40 ms, and a run reads no report

    return jsonschema_rs.validator_for(read_schema(name))


def _check_shape(name: str, document: object) -> None:
    try:
        problem = next(iter(_validator(name).iter_errors(document)), None)
    except ValueError as error:
        raise UnreadableReport(f"the report cannot be checked: {str(error)[:200]}") from None
    if problem is not None:
        place = "/".join(str(step) for step in problem.instance_path)
        raise UnreadableReport(f"the {name} does not keep to its schema at {place[:200] or 'its top'!r}")


def _check_plan(document: _Entry) -> None:
    """Also that it is drawn and told in a moment: a real plan has a few needs for each workstream."""
    _check_shape("plan", document)
    if sum(len(stream["needs"]) + len(stream["criteria"]) for stream in document["workstreams"]) > _MOST_NEEDS:
        raise UnreadableReport("the plan is larger than a run makes it")


def _report(document: _Entry) -> Report:
    target, policy, plan = document["target"], document["policy"], document["plan"]
    return Report(
        target=Target(TargetKind(target["kind"]), **{name: target[name] for name in _TARGET}),
        change=Change(target["base_tree"], target["head_tree"], tuple(map(_file, document["change"]["files"]))),
        policy_source=policy["source"],
        verdicts=tuple(map(_verdict, document["verdicts"])),
        exit=Exit(document["exit"]),
        metrics=Metrics(
            int(document["metrics"]["cores"]),
            *(seconds(document["metrics"], each.name) for each in fields(Metrics)[1:]),
        ),
        jobs=tuple(map(_job, plan["jobs"])),
        outcomes=tuple(_outcome(entry) for entry in plan["jobs"] if entry["started"] is not None),
        seconds=seconds(document, "seconds"),
        notes=tuple(document["notes"]),
        troubles=tuple(document["troubles"]),
        plan=read_plan(plan["change"]) if plan["change"] is not None else None,
        account=read_account(plan["account"]) if plan["account"] is not None else None,
        policy_changes=tuple(map(_policy_change, policy["changes"])),
        overrides=tuple(map(_override_record, policy["overrides"])),
    )


_TARGET = ("base_tree", "head_tree", "title", "base", "head")


def seconds(entry: _Entry, name: str) -> float:
    """A number of the document; what JSON has no number for counts as 0."""
    return float(entry.get(name) or 0)


def _whole(entry: _Entry, name: str) -> int | None:
    """A line or column; what none can be is None. JSON lets 5.0 pass for a whole number."""
    value = entry[name]
    return int(value) if value is not None and value >= 0 else None


def path_of(entry: _Entry, name: str) -> str:
    """A path, with lone surrogates for bytes that are no UTF-8. Raises ValueError for bytes that are no Base64."""
    if f"{name}_bytes" not in entry:
        return str(entry[name] or "")
    try:
        return b64decode(entry[f"{name}_bytes"], validate=True).decode("utf-8", "surrogateescape")
    except Base64Error:
        raise ValueError(f"{name}_bytes is no Base64") from None


def _file(entry: _Entry) -> FileChange:
    return FileChange(
        path=path_of(entry, "path"),
        kind=ChangeKind(entry["kind"]),
        old_path=path_of(entry, "old_path") or None,
        hunks=tuple(_hunk(span) for span in entry["added"]),
    )


def _hunk(span: list[int]) -> Hunk:
    """Only what a hunk brought; an impossible span brought nothing."""
    start, end = map(int, span)
    if end > _LAST_LINE:
        raise ValueError(f"no file has {end} lines")
    count = max(0, end - start + 1) if start > 0 else 0
    return Hunk(max(start - 1, 0), 0, start, count)


def _verdict(entry: _Entry) -> Verdict:
    return Verdict(
        gate=entry["gate"],
        status=Status(entry["status"]),
        summary=entry["summary"],
        measured=None if entry["measured"] is None else float(entry["measured"]),
        required=None if entry["required"] is None else float(entry["required"]),
        unit=entry["unit"],
        findings=tuple(map(_finding, entry["findings"])),
        notes=tuple(entry["notes"]),
        hint=entry["hint"],
        seconds=seconds(entry, "seconds"),
        reused=entry["reused"],
        advisory=entry["advisory"],
        project=entry["project"],
        waived=entry.get("waived", ""),
        override=_override(entry["override"]) if entry.get("override") else None,
    )


def _finding(entry: _Entry) -> Finding:
    return Finding(
        gate=entry["gate"],
        rule=entry["rule"],
        message=entry["message"],
        severity=Severity(entry["severity"]),
        path=path_of(entry, "path"),
        line=_whole(entry, "line"),
        column=_whole(entry, "column"),
        end_line=_whole(entry, "end_line"),
        detail=entry["detail"][:_DETAILS],
        blocks=entry["blocks"],
    )


def _job(entry: _Entry) -> Job:
    return Job(
        id=entry["id"],
        gate=entry["gate"],
        label=entry["label"],
        argv=tuple(entry["argv"]),
        cwd="",
        seconds_limit=0.0,
        needs=tuple(Need(need["job"], need["proof"]) for need in entry["needs"]),
        estimate=entry["estimate"],
    )


def _outcome(entry: _Entry) -> Outcome:
    return Outcome(
        job=entry["id"],
        exit_code=entry["exit_code"],
        started=seconds(entry, "started"),
        seconds=seconds(entry, "seconds"),
        cpu_seconds=seconds(entry, "cpu_seconds"),
        problem=entry["problem"],
    )


def _policy_change(entry: _Entry) -> PolicyChange:
    return PolicyChange(
        kind=Relaxed(entry["kind"]),
        path=path_of(entry, "path"),
        line=_whole(entry, "line"),
        what=entry["what"],
        before=entry["before"],
        after=entry["after"],
        held=entry["held"],
    )


def _override_record(entry: _Entry) -> OverrideRecord:
    return OverrideRecord(entry["source"], OverrideState(entry["state"]), entry["why"], _override(entry))


def _override(entry: _Entry) -> GateOverride | None:
    """The entry that an override had; None where it could not be read."""
    texts = [entry[name] for name in ("gate", "owner", "reason", "expires")]
    if any(text is None for text in texts):
        return None
    gate, owner, reason, expires = texts
    return GateOverride(
        gate, owner, reason, date.fromisoformat(expires), _strings(entry, "paths"), _strings(entry, "rules"),
        entry["source"],
    )  # fmt: skip


def _strings(entry: _Entry, name: str) -> tuple[str, ...]:
    items: Iterable[str] = entry.get(name) or ()
    return tuple(items)
