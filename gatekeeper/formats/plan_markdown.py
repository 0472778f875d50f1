"""A plan as a section of GitHub-flavoured Markdown: one table, then folded details and a chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatekeeper.formats.closing import counted
from gatekeeper.formats.markdown_text import code, encoded, fence, prose
from gatekeeper.formats.plan_mermaid import plan_flowchart
from gatekeeper.formats.plan_words import (
    bonds,
    criterion_words,
    evidence_words,
    figures,
    fix_words,
    hard,
    outline,
    planned,
    reasons,
    starts,
    title_words,
    width_words,
)
from gatekeeper.model.plan import ChangePlan, Workstream

LONGEST = 30_000
"""Characters; a comment on GitHub holds 65,536, and the plan is a section of it."""

_TABLE = ("| | Workstream | Agent | Paths | After | Starts | Takes |", "|---|---|---|---:|---|---:|---:|")
_NEEDS_SHOWN = 8
_MANY = 5


def plan_markdown(plan: ChangePlan, longest: int = LONGEST) -> str:
    """The section, ending in a newline.

    Where it would be longer than `longest` characters (at least 2,000), it shows fewer paths of each scope, then no
    details, then fewer rows; what was left out is counted.
    """
    for paths in (20, _MANY):
        if len(text := _joined(_section(plan, paths))) <= longest:
            return text
    head, rows = _head(plan), _rows(plan.workstreams, plan)
    shown = len(rows)
    while shown and len(text := _joined([*head, *_TABLE, *rows[:shown], "", *_left_out(len(rows) - shown)])) > longest:
        shown -= 1
    return text if shown else _joined(head)


def _section(plan: ChangePlan, paths: int) -> list[str]:
    lines = _head(plan)
    if plan.workstreams:
        lines += [*_TABLE, *_rows(plan.workstreams, plan), ""]
        details = [line for stream in plan.workstreams for line in _details(stream, plan, paths)]
        lines += _folded("Workstreams: agents, scopes, criteria and proofs", details)
    lines += _folded("Why this plan, and its schedule", _reasons(plan))
    chart = plan_flowchart(plan)
    return lines + (_folded("Order of the workstreams", fence(chart, "mermaid")) if chart else [])


def _head(plan: ChangePlan) -> list[str]:
    return [f"**{prose(outline(plan))}**", "", *([prose(plan.title), ""] if plan.title.strip() else [])]


def _left_out(rows: int) -> list[str]:
    more = f"And {counted(rows, 'more workstream')}. " if rows else ""
    return [f"{more}The JSON form of the plan holds all that found no room here.", ""]


def _rows(streams: Sequence[Workstream], plan: ChangePlan) -> list[str]:
    begun = starts(plan)
    rows = []
    for stream in streams:
        start = begun.get(stream.id)
        cells = (
            code(stream.id, 40),
            prose(title_words(stream), 120),
            code(stream.agent, 60),
            str(len(stream.scope)),
            _ids(need.on for need in hard(stream.needs)),
            "" if start is None else planned(start),
            planned(stream.estimate),
        )
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _ids(names: Iterable[str]) -> str:
    listed = list(dict.fromkeys(names))
    more = f" and {len(listed) - _NEEDS_SHOWN} more" if len(listed) > _NEEDS_SHOWN else ""
    return ", ".join(code(name, 40) for name in listed[:_NEEDS_SHOWN]) + more


def _details(stream: Workstream, plan: ChangePlan, paths: int) -> list[str]:
    """A workstream as a list: a heading of our own words would be a link target, so its name is bold."""
    told = [(f"{_ids(on)}: {prose(words)}", hint) for on, words, hint in reasons(stream.needs)]
    bond = bonds(stream, plan)
    needs, hints = ([text for text, hint in told if hint is wanted] for wanted in (False, True))
    scope = [code(path, 200) for path in stream.scope[:paths]]
    if len(stream.scope) > paths:
        scope.append(f"and {len(stream.scope) - paths} more")
    rows = (
        ("Agent", [": ".join(part for part in (code(stream.agent, 60), prose(stream.agent_reason)) if part)]),
        ("Scope", scope),
        ("Joined by", [prose(bond)] if bond else []),
        ("Needs", needs or ["nothing"]),
        ("Only a hint", hints),
        ("Estimate", [f"{planned(stream.estimate)}, {prose(stream.estimate_basis)}"]),
    )
    name = " ".join(part for part in (code(stream.id, 40), prose(title_words(stream))) if part)
    lines = [f"**{name}**", ""] if name else []
    lines += [f"- {label}: {'; '.join(parts)}" for label, parts in rows if parts]
    # the text of a box is ours to the last character, or encoded: nothing in it can open another list
    boxes = [f"  - [{'x' if each.met else ' '}] {prose(criterion_words(each))}" for each in stream.criteria]
    return [*lines, *(["- Criteria:", *boxes] if boxes else []), ""]


def _reasons(plan: ChangePlan) -> list[str]:
    schedule = plan.schedule
    lines = [f"- Kind: {plan.classification.kind.value}"]
    lines += [f"- Evidence: {prose(evidence_words(evidence))}" for evidence in plan.classification.evidence]
    lines += [f"- Delegation: {prose(plan.delegation)}"] if plan.delegation else []
    lines += [f"- Width: {width_words(plan)}", f"- Agents: {schedule.agents}"]
    lines += [f"- Modes: {', '.join(code(mode, 80) for mode in plan.modes)}"] if plan.modes else []
    lines += [f"- Fix loop: {prose(fix_words(plan.targets))}"] if plan.targets and plan.workstreams else []
    if plan.workstreams:
        lines += [
            f"- {name.capitalize()}: {encoded(value)} ({encoded(meaning)})"
            for name, value, meaning in figures(schedule)
        ]
    return [*lines, *(f"- Note: {prose(note)}" for note in plan.notes)]


def _folded(title: str, body: Sequence[str]) -> list[str]:
    """Details under a summary; a summary line takes no Markdown, so it holds our own words only."""
    return ["<details>", f"<summary>{title}</summary>", "", _joined(body), "</details>", ""]


def _joined(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"
