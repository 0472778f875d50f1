"""Tells which messages of ruff a change introduces: ruff does not say in which definition a message stands."""

from __future__ import annotations

from collections.abc import Sequence

from gatekeeper.formats.python_source import WHOLE, definitions, innermost
from gatekeeper.gates.review.introduced import on_other_lines, unmatched
from gatekeeper.model.change import FileChange
from gatekeeper.model.frozen import replace
from gatekeeper.model.reading import Diagnostic


def introduced_unlocated(
    file: FileChange, head: Sequence[Diagnostic], base: Sequence[Diagnostic]
) -> tuple[Diagnostic, ...]:
    """The messages of the head file that have no forerunner in the base file, as `introduced` finds them.

    The definitions are looked for only where it hangs on them: messages on one line stand in the same one, and to
    parse both sides takes longer than all else here.
    """
    fresh, free = on_other_lines(file, head, base)
    rules = {message.rule for message in fresh}
    forerunners = [message for message in free if message.rule in rules]
    if not forerunners:
        return fresh
    return unmatched(file, located(fresh, file.text), located(forerunners, file.base_text))


def located(messages: Sequence[Diagnostic], text: str | None) -> list[Diagnostic]:
    """The messages with the definition of the text that each stands in."""
    found = definitions(text or "", WHOLE)
    return [replace(message, obj=innermost(found, message.line or 0)) for message in messages]
