"""A plan as text for people at a terminal: what it is, its workstreams as a tree, its lanes over time, its figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatekeeper.formats.closing import counted
from gatekeeper.formats.plan_lanes import lane_lines
from gatekeeper.formats.plan_words import (
    bonds,
    criterion_words,
    evidence_words,
    figures,
    fix_words,
    groups,
    hard,
    numbers,
    planned,
    reasons,
    starts,
    title_words,
    width_words,
)
from gatekeeper.formats.terminal_text import cells, one_line, phrase
from gatekeeper.formats.text_style import Role, TextStyle
from gatekeeper.model.plan import ChangePlan, Workstream

_NARROWEST = 40
_SCOPE_SHOWN = 8
_HEADER_LABEL = 10
_LABEL = 8
_TIMES = "start + estimate"
_BOXES = {True: "[x]", False: "[!]", None: "[ ]"}
_ASCII_BRANCHES = str.maketrans({"├": "|", "└": "`"})


def plan_text(plan: ChangePlan, style: TextStyle) -> str:
    """The whole text, ending in a newline; no line is wider than the style's width, or than 40 columns."""
    style = TextStyle(max(style.width, _NARROWEST), style.colour, style.ascii_only)
    lines = _header(plan, style)
    for title, streams in groups(plan):
        lines += ["", _group(title, style), *_tree(streams, plan, style)]
    if not plan.workstreams:
        lines += ["", *_filled("Nothing to do: no file of the change calls for work.", style.width, style)]
    lanes = lane_lines(plan, style)
    lines += ["", style.paint("Lanes over time", Role.TITLE), *lanes] if lanes else []
    if plan.workstreams:
        lines += ["", style.paint("Schedule", Role.TITLE), *_figures(plan, style)]
    if plan.notes:
        lines += ["", style.paint("Notes", Role.TITLE)]
        lines += [f"  {line}" for note in plan.notes for line in _filled(phrase(note), style.width - 2, style)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _header(plan: ChangePlan, style: TextStyle) -> list[str]:
    title = _filled(phrase(plan.title) or "A change without a title", style.width, style)
    classified = plan.classification
    rows = [
        ("kind", [classified.kind.value, *(evidence_words(evidence) for evidence in classified.evidence)]),
        ("delegation", [plan.delegation]),
        ("width", [width_words(plan)]),
        ("agents", [str(plan.schedule.agents)]),
        ("modes", [", ".join(plan.modes)]),
        ("fix loop", [fix_words(plan.targets)] if plan.targets and plan.workstreams else []),
    ]
    lines = [*(style.paint(line, Role.TITLE) for line in title), ""]
    for label, texts in rows:
        lines += _labelled(label.ljust(_HEADER_LABEL), texts, "  ", (2, style))
    return lines


def _tree(streams: Sequence[Workstream], plan: ChangePlan, style: TextStyle) -> list[str]:
    begun, numbered = starts(plan), numbers(plan)
    widest = max(len(number) for number in numbered.values())
    lines: list[str] = []
    for stream in streams:
        last = stream is streams[-1]
        number = numbered[stream.id].rjust(widest)
        head = _head(stream, (number, begun.get(stream.id)), style)
        lines.append(_branch("└─ " if last else "├─ ", style) + head)
        margin = _branch("   " if last else "│  ", style) + " " * (widest + 2)
        for label, texts in _details(stream, bonds(stream, plan)):
            lines += _labelled(label.ljust(_LABEL), texts, margin, (5 + widest, style))
    return lines


def _branch(text: str, style: TextStyle) -> str:
    return style.paint(style.signs(text.translate(_ASCII_BRANCHES) if style.ascii_only else text), Role.QUIET)


def _group(title: str, style: TextStyle) -> str:
    """The title of a group, and above the right edge what stands there."""
    return style.paint(title, Role.TITLE) + style.paint(_TIMES.rjust(style.width - len(title)), Role.QUIET)


def _head(stream: Workstream, seen: tuple[str, float | None], style: TextStyle) -> str:
    """The number, id and title and, at the right edge, when it starts and how long it is expected to take."""
    number, start = seen
    time = planned(stream.estimate) if start is None else f"{planned(start)} + {planned(stream.estimate)}"
    room = style.width - 3 - len(number) - 2 - len(time) - 2
    name = style.fit(one_line(stream.id), room // 2)
    title = style.fit(phrase(title_words(stream)), room - cells(name) - 2)
    gap = " " * (room - cells(name) - cells(title))
    painted = (style.paint(number, Role.QUIET), style.paint(name, Role.ACCENT), style.paint(title, Role.TITLE))
    return "  ".join(painted) + gap + style.paint(time, Role.QUIET)


def _details(stream: Workstream, bond: str) -> list[tuple[str, list[str]]]:
    scope = [", ".join(one_line(path) for path in stream.scope[:_SCOPE_SHOWN])]
    if len(stream.scope) > _SCOPE_SHOWN:
        scope.append(f"and {counted(len(stream.scope) - _SCOPE_SHOWN, 'more path')}")
    return [
        ("agent", [f"{stream.agent}: {stream.agent_reason}" if stream.agent_reason else stream.agent]),
        ("scope", scope),
        ("joined", [f"by {bond}"] if bond else []),
        ("criteria", _criteria(stream)),
        ("needs", _needs(stream)),
        ("estimate", [stream.estimate_basis]),
    ]


def _needs(stream: Workstream) -> list[str]:
    lines = [f"{'only a hint: ' if hint else ''}{', '.join(on)} ({words})" for on, words, hint in reasons(stream.needs)]
    return lines if hard(stream.needs) else ["nothing", *lines]


def _criteria(stream: Workstream) -> list[str]:
    """The criteria one after the other; once a run has looked at them, each with a box of its own."""
    if not any(criterion.seen or criterion.met is not None for criterion in stream.criteria):
        return ["; ".join(criterion.text for criterion in stream.criteria)]
    return [f"{_BOXES[criterion.met]} {criterion_words(criterion)}" for criterion in stream.criteria]


def _labelled(label: str, texts: Iterable[str], margin: str, drawn: tuple[int, TextStyle]) -> list[str]:
    """Paragraphs behind a label; none without a text. `drawn` has the columns of the margin in front of each line."""
    indent, style = drawn
    room = style.width - indent - len(label) - 2
    body = [line for text in texts for line in _filled(phrase(text), room, style)]
    labels = [label, *[" " * len(label)] * len(body)]
    return [f"{margin}{style.paint(name, Role.QUIET)}  {line}" for name, line in zip(labels, body, strict=False)]


def _figures(plan: ChangePlan, style: TextStyle) -> list[str]:
    rows = figures(plan.schedule)
    names, values = (max(len(row[column]) for row in rows) for column in (0, 1))
    gap = "  " if names + values + 4 <= style.width else " "
    room = style.width - names - values - 3 * len(gap)
    lines = []
    for name, value, meaning in rows:
        line = f"{gap}{style.paint(name.ljust(names), Role.QUIET)}{gap}"
        line += style.fit(value.ljust(values), style.width - names - 2 * len(gap))
        # on a narrow terminal half a sentence would explain nothing
        lines.append(f"{line}{gap}{style.paint(meaning, Role.QUIET)}" if len(meaning) <= room else line)
    return lines


def _filled(text: str, width: int, style: TextStyle) -> list[str]:
    """The words of a safe line on lines of at most `width` columns; a word that is longer is cut."""
    lines: list[str] = []
    for word in style.signs(text).split(" "):
        if lines and cells(lines[-1]) + 1 + cells(word) <= width:
            lines[-1] += f" {word}"
        elif word:
            lines.append(style.fit(word, width))
    return lines
