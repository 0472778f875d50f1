"""What an audit says of the commits of a range: which of them a gate has seen."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.model.record import RunRecord


class Standing(StrEnum):
    """How a commit stands to the gates.

    `gated`: a run of all gates passed its tree against that of its parent. `covered`: a run passed a range that holds
    it. `skipped`: it passed, and a gate was skipped. `failed`: a run blocked its tree, or could not check it.
    `changed`: a run saw another tree than the one that was committed. `never`: no run is known.
    """

    GATED = "gated"
    COVERED = "covered"
    SKIPPED = "skipped"
    FAILED = "failed"
    CHANGED = "changed"
    NEVER = "never"

    @property
    def counts(self) -> bool:
        """Whether every configured gate has let the commit through."""
        return self in (Standing.GATED, Standing.COVERED)


@dataclass(frozen=True, slots=True)
class AuditedCommit:
    """A commit as it is in the repository: `when` it was committed in seconds since 1970, `subject` its first line."""

    id: str
    tree: str
    parents: tuple[str, ...]
    when: int
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What an audit says of one commit: how it stands, the run that says so (if any), and what to know of it."""

    commit: AuditedCommit
    standing: Standing
    run: RunRecord | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """The audit of the commits that `head` has and `base` has not, the oldest first."""

    base: str
    head: str
    findings: tuple[Finding, ...]

    @property
    def covered(self) -> int:
        """How many commits every configured gate has let through."""
        return sum(finding.standing.counts for finding in self.findings)

    @property
    def share(self) -> float:
        """The gate coverage, from 0 to 1; 1 where there is no commit."""
        return self.covered / len(self.findings) if self.findings else 1.0


@dataclass(frozen=True, slots=True)
class Lineage:
    """The commits of a range, and what has to be known of others to judge them.

    `commits` has the oldest first. `trees` maps every commit of the range, and every parent of one, to its tree.
    `older` are the trees of all commits that the base has, `known` those of every commit of any reference.
    `empty` is the tree without files, against which a first commit stands.
    """

    commits: tuple[AuditedCommit, ...]
    trees: dict[str, str]
    older: frozenset[str]
    known: frozenset[str]
    empty: str

    def before(self, commit: AuditedCommit) -> str:
        """The tree that a commit started from: that of its first parent."""
        return self.trees[commit.parents[0]] if commit.parents else self.empty
