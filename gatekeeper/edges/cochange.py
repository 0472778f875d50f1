"""Reads from Git which files were changed together in the last commits."""

from __future__ import annotations

from gatekeeper.edges.git import Repository

COMMITS = 500
"""How many commits are looked at: one Git process, a few hundredths of a second."""


def changed_together(repository: Repository, commit: str) -> tuple[frozenset[str], ...]:
    """The paths that each of the last commits up to `commit` changed, the newest first, without merges.

    Empty where there is no commit, or where Git cannot tell (in a clone that lacks the trees).
    """
    if not commit:
        return ()
    status, output, _ = repository.attempt(
        "log", "-z", "--no-merges", "--no-renames", f"--max-count={COMMITS}", "--name-only", "--format=%x01",
        "--end-of-options", commit, "--",
    )  # fmt: skip
    return tuple(_paths(part) for part in output.split(b"\x01")[1:]) if status == 0 else ()


def _paths(part: bytes) -> frozenset[str]:
    """The names behind the head of a commit, which ends in a line break."""
    names = part.lstrip(b"\0").removeprefix(b"\n").split(b"\0")
    return frozenset(name.decode("utf-8", "surrogateescape") for name in names if name)
