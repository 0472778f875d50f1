"""One thing that a gate found about one place, and how bad it is."""

from __future__ import annotations

import re
from enum import StrEnum
from hashlib import sha256

from gatekeeper.model.frozen import dataclass


class Severity(StrEnum):
    """How bad a finding is; `rank` orders them, 0 being the worst."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for critical up to 3 for low."""
        return tuple(Severity).index(self)

    def reaches(self, limit: Severity) -> bool:
        """Whether this is as bad as the limit, or worse."""
        return self.rank <= limit.rank


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one place.

    `path` is relative to the repository; `line` counts from 1, or is None for a whole file. `detail` is longer text
    that helps to act on it: the assertion that failed, the source that no test ran. `blocks` says whether this finding
    alone keeps its gate from passing.
    """

    gate: str
    rule: str
    message: str
    severity: Severity
    path: str = ""
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    detail: str = ""
    blocks: bool = False

    @property
    def fingerprint(self) -> str:
        """A name that survives moved lines and changed numbers: 16 hexadecimal digits."""
        text = "\0".join((self.gate, self.rule, self.path, re.sub(r"\d+", "#", self.message)))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def order(self) -> tuple[bool, int, str, int]:
        """Sorts what blocks first, then the worst, then by place."""
        return (not self.blocks, self.severity.rank, self.path, self.line or 0)
