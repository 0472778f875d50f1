"""Turns what was seen of a change into checked items, each of one criterion and fulfilled or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.formats.changelog import is_changelog
from gatekeeper.model.change import Change
from gatekeeper.model.finding import Severity
from gatekeeper.model.frozen import dataclass

Seen = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was checked.

    `message` is empty where it fulfils the criterion. `excuse` is the reason that the author gave on the spot; an item
    with one is shown and not counted. A `hint` item is a warning whatever the policy says, and is not counted either.
    """

    criterion: str
    message: str = ""
    path: str = ""
    line: int | None = None
    detail: str = ""
    severity: Severity = Severity.MEDIUM
    excuse: str = ""
    hint: bool = False
    part_of: str = ""


def docstring_items(facts: Seen, exempt: str) -> Iterator[Item]:
    """D1: public definitions that were added, or whose signature changed, have a docstring."""
    pattern = re.compile(exempt) if exempt else None
    for seen in facts["touched"]:
        last = seen["name"].rpartition(".")[2]
        if seen["state"] == "same" or seen["exempt"] or (pattern and pattern.search(last)):
            continue
        if seen["documented"]:
            yield Item("D1")
            continue
        what = {
            "added": "is new and has no docstring",
            "changed": "changed its signature and has no docstring",
            "undocumented": "lost its docstring",
        }.get(seen["state"], "has no docstring")
        message = f"Public {seen['kind']} {seen['name']} {what}: say below its first line what it does for a caller"
        if seen["no_doc"] == "":
            message += " (its no-doc mark does not count without a reason)"
        yield Item("D1", message, seen["path"], seen["line"], excuse=seen["no_doc"] or "")
    yield from _unreadable(facts)
    for seen in facts["modules"]:
        if not seen["documented"]:
            message = (
                f"New public module {seen['name']} has no docstring: open it with a sentence that says what it is for"
            )
            yield Item("D1", message, seen["path"], 1, severity=Severity.LOW, hint=True)


def _unreadable(facts: Seen) -> Iterator[Item]:
    for seen in facts["unreadable"]:
        message = f"The file does not parse ({seen['message']}), so that its documentation cannot be judged"
        hint = not seen["was_readable"]
        yield Item(
            "D1", message, seen["path"], seen["line"], severity=Severity.LOW if hint else Severity.HIGH, hint=hint
        )


def parameter_items(facts: Seen) -> Iterator[Item]:
    """D2: a parameter section names what is in the signature, as far as this change touched either."""
    for seen in facts["touched"]:
        if not seen["has_section"]:
            continue
        parts = []
        if seen["unknown"]:
            parts.append(f"documents {_listed(seen['unknown'])}, which it does not take: take that out or rename it")
        if seen["missing"]:
            parts.append(f"takes {_listed(seen['missing'])}, which its docstring leaves out: describe it there")
        message = f"{seen['name']} {', and '.join(parts)}" if parts else ""
        yield Item("D2", message, seen["path"], seen["line"], excuse=(seen["no_doc"] or "") if parts else "")


def changelog_items(facts: Seen, change: Change, folder: str) -> Iterator[Item]:
    """D3: what breaks callers is told in a changelog that the same change writes to."""
    told = any(file.exists and is_changelog(file.path, folder) for file in change.files)
    for seen, what in _broken(facts):
        if not seen["hard"]:
            yield Item("D3", what, seen["path"], seen["line"], severity=Severity.LOW, hint=True)
        elif told:
            yield Item("D3")
        elif not (facts["keeps_changelog"] or folder):
            yield Item("D3", f"{what} (this breaks callers; the project keeps no changelog that could tell them)",
                       seen["path"], seen["line"], severity=Severity.LOW, hint=True)  # fmt: skip
        else:
            message = (
                f"This breaks callers and no changelog tells it: {what}. Add a line to the changelog in this change"
            )
            yield Item("D3", message, seen["path"], seen["line"], severity=Severity.HIGH)


def _broken(facts: Seen) -> Iterator[tuple[Seen, str]]:
    """Each definition that breaks callers, with all that does so in words: one line of a changelog can tell it."""
    together: dict[tuple[str, bool], list[Seen]] = {}
    for seen in facts["breaks"]:
        together.setdefault((seen["name"], seen["hard"]), []).append(seen)
    for (name, _), breaks in together.items():
        words = (seen["what"] + (f" ({seen['detail']})" if seen["detail"] else "") for seen in breaks)
        yield breaks[0], f"{name}: {', '.join(words)}"


def mention_items(facts: Seen) -> Iterator[Item]:
    """D4: a removed name does not stand in README or docs any more."""
    for seen in facts["removed"]:
        if not seen["mentions"]:
            yield Item("D4")
        for place in seen["mentions"]:
            message = (
                f"{seen['name']} is removed by this change and still named here: name its successor or take it out"
            )
            yield Item("D4", message, place["path"], place["line"], detail=place["text"], part_of=seen["name"])


def sample_items(facts: Seen) -> Iterator[Item]:
    """D5: the Python samples of the documentation parse and import what exists."""
    for seen in facts["samples"]:
        message = (
            f"The code sample {seen['problem']}: mend it, or mark it as another language" if seen["problem"] else ""
        )
        yield Item("D5", message, seen["path"], seen["line"])


def route_items(facts: Seen, change: Change) -> Iterator[Item]:
    """D6: where an OpenAPI file is committed and routes change, it changes too."""
    if not facts["routes"] or not facts["specs"]:
        return
    if any(file.exists and file.path in facts["specs"] for file in change.files):
        yield Item("D6")
        return
    routes = facts["routes"]
    listed = ", ".join(f"{seen['title']} {seen['what']}" for seen in routes[:5])
    more = f" and {len(routes) - 5} more" if len(routes) > 5 else ""
    message = f"HTTP routes changed ({listed}{more}) and {facts['specs'][0]} did not: generate it anew and commit it"
    yield Item("D6", message, routes[0]["path"], routes[0]["line"])


def _listed(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
