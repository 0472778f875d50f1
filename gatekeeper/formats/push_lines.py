"""Reads the lines in which Git tells a hook what is pushed."""

from __future__ import annotations

from gatekeeper.model.frozen import dataclass

_BRANCHES = "refs/heads/"
_TAGS = "refs/tags/"


@dataclass(frozen=True, slots=True)
class RefUpdate:
    """One reference that a push changes: its name at the receiver, and the ids of its objects before and after.

    `source` is what the sender calls the new object (a reference, or any other revision); a receiver does not know it.
    """

    name: str
    old: str
    new: str
    source: str = ""

    @property
    def is_new(self) -> bool:
        """Whether the receiver has no such reference yet."""
        return _is_zero(self.old)

    @property
    def is_deletion(self) -> bool:
        """Whether the reference goes, and nothing comes in its place."""
        return _is_zero(self.new)

    @property
    def branch(self) -> str:
        """The name of the branch that is changed; empty where it is none."""
        return self.name.removeprefix(_BRANCHES) if self.name.startswith(_BRANCHES) else ""

    @property
    def title(self) -> str:
        """The reference as people call it."""
        return readable(self.name)


def readable(reference: str) -> str:
    """A reference as people call it: `main`, `tag v1`."""
    if reference.startswith(_TAGS):
        return f"tag {reference.removeprefix(_TAGS)}"
    return reference.removeprefix(_BRANCHES)


def read_sent(text: str) -> tuple[RefUpdate, ...]:
    """What a sender is told: source, new id, name and old id on each line. Raises ValueError with a bad line.

    The source is whatever the user wrote and may hold spaces; the other three cannot.
    """
    updates = []
    for line in _lines(text):
        source, new, name, old = _fields(line, line.rsplit(" ", 3), 4)
        updates.append(_sound(line, RefUpdate(name, old, new, source)))
    return tuple(updates)


def read_received(text: str) -> tuple[RefUpdate, ...]:
    """What a receiver is told: old id, new id and name on each line. Raises ValueError with a bad line."""
    updates = []
    for line in _lines(text):
        old, new, name = _fields(line, line.split(" ", 2), 3)
        updates.append(_sound(line, RefUpdate(name, old, new)))
    return tuple(updates)


def _lines(text: str) -> list[str]:
    return [line for line in text.split("\n") if line]


def _fields(line: str, fields: list[str], count: int) -> list[str]:
    if len(fields) != count:
        raise ValueError(line)
    return fields


def _sound(line: str, update: RefUpdate) -> RefUpdate:
    """The update, if its ids look like ids: they go into command lines."""
    for name in (update.old, update.new):
        if len(name) not in (40, 64) or set(name) - set("0123456789abcdef"):
            raise ValueError(line)
    return update


def _is_zero(name: str) -> bool:
    return not name.strip("0")
