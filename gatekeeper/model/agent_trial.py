"""What is found out about a coding agent: whether it is there, and whether it works."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How an agent stands: `FOUND` means that its program is there and was not tried."""

    MISSING = "missing"
    FOUND = "found"
    WORKS = "works"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Trial:
    """An agent, looked for or tried.

    `template` is empty for a description of one's own, `pillars` are what it does by the configuration. `program` is
    where it lies, `seconds` how long the trial took, `note` what is to be done or what went wrong.
    """

    name: str
    standing: Standing
    template: str = ""
    pillars: tuple[str, ...] = ()
    program: str = ""
    version: str = ""
    seconds: float = 0.0
    note: str = ""
