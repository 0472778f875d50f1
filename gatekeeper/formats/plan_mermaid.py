"""Draws a plan as a small mermaid flowchart in which no foreign text can be anything but a label."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gatekeeper.formats.closing import counted
from gatekeeper.formats.plan_words import hard, title_words
from gatekeeper.model.plan import ChangePlan, Phase, Pillar, Workstream

MOST_NODES = 30
"""A chart with more is hard to read, and GitHub refuses one with very many edges."""

_UNSAFE = re.compile(r"[^A-Za-z0-9 ._/-]+")
_LONGEST = 48
# mermaid takes a label for Markdown: "1. x" and "- x" would be lists, and it refuses to draw those
_LIST_DOT = re.compile(r"^(\d+)\.(?= |$)")


def plan_flowchart(plan: ChangePlan) -> list[str]:
    """The lines of the chart, without a fence; none for a plan without workstreams.

    Nodes are w1, w2 … in the order of the plan. A plan with more than 30 workstreams has one node for all of a pillar
    and phase.
    """
    streams = plan.workstreams
    if not streams:
        return []
    if len(streams) <= MOST_NODES:
        kinds: list[object] = list(range(len(streams)))
    else:
        kinds = [(stream.pillar, stream.phase) for stream in streams]
    nodes = {kind: f"w{number}" for number, kind in enumerate(dict.fromkeys(kinds), 1)}
    labels = {
        node: _label([stream for stream, own in zip(streams, kinds, strict=True) if own == kind], node)
        for kind, node in nodes.items()
    }
    place = {stream.id: nodes[kind] for stream, kind in zip(streams, kinds, strict=True)}
    edges = [
        (place[need.on], nodes[kind])
        for stream, kind in zip(streams, kinds, strict=True)
        for need in hard(stream.needs)
        if need.on in place and place[need.on] != nodes[kind]
    ]
    return [
        "flowchart LR",
        *(f'  {node}["{label}"]' for node, label in labels.items()),
        *(f"  {before} --> {after}" for before, after in dict.fromkeys(edges)),
    ]


def plain_label(text: str, limit: int = _LONGEST) -> str:
    """The letters, digits and ` ._/-` of a text, cut to `limit`; what else it holds becomes a space."""
    label = " ".join(_UNSAFE.sub(" ", text).split()).lstrip(" ._/-")
    return _LIST_DOT.sub(r"\1", label)[:limit].rstrip()


def _label(streams: Sequence[Workstream], node: str) -> str:
    """The id and the title of a workstream, or how many of a pillar and phase there are."""
    first = streams[0]
    if len(streams) == 1:
        return plain_label(f"{first.id} {title_words(first)}") or node
    return plain_label(f"{counted(len(streams), 'workstream')} - {_named(first.pillar, first.phase)}")


def _named(pillar: Pillar, phase: Phase) -> str:
    return pillar.value if phase is Phase.WORK else f"{pillar.value} {phase.value}"
