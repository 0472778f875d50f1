"""Tells which files of a change start, guard or excuse the judge: workflows, hooks, owners, modes and overrides."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatekeeper.model.change import Change, ChangeKind, FileChange
from gatekeeper.model.gate_override import OVERRIDES_FILE
from gatekeeper.model.mode import MODES, RULES
from gatekeeper.model.policy_change import PolicyChange, Relaxed

_KINDS: tuple[tuple[Relaxed, str, re.Pattern[str]], ...] = (
    (
        Relaxed.WORKFLOW,
        "the workflow",
        re.compile(
            r"\.github/(workflows|actions)/.+|action\.ya?ml|\.gitlab-ci\.yml|\.circleci/.+|azure-pipelines\.yml"
            r"|\.woodpecker(/.+|\.ya?ml)|\.forgejo/workflows/.+|\.gitea/workflows/.+|Jenkinsfile|\.travis\.yml"
        ),
    ),
    (
        Relaxed.HOOK,
        "the hook",
        re.compile(
            r"(\.githooks|\.husky|hooks)/.+|\.pre-commit-(config|hooks)\.ya?ml|prek\.toml"
            r"|\.?lefthook(-local)?\.(ya?ml|toml|json)"
        ),
    ),
    (Relaxed.OWNERS, "the owners", re.compile(r"((\.github|\.gitlab|docs)/)?CODEOWNERS")),
    (Relaxed.MODE, "a mode or its rules", re.compile(f"({re.escape(MODES)}|{re.escape(RULES)}).+")),
    (Relaxed.OVERRIDE, "the overrides", re.compile(re.escape(OVERRIDES_FILE))),
)
_WORDS = {ChangeKind.ADDED: "added", ChangeKind.DELETED: "deleted", ChangeKind.COPIED: "added"}


def touched_files(change: Change) -> Iterator[PolicyChange]:
    """A relaxation for each such file that the change adds, edits, moves or deletes."""
    for file in change.files:
        for kind, what, pattern in _KINDS:
            if any(pattern.fullmatch(path) for path in (file.path, file.old_path) if path):
                yield PolicyChange(kind, file.path, _first_line(file), what, "", _WORDS.get(file.kind, "edited"))
                break


def _first_line(file: FileChange) -> int | None:
    return file.added[0].start if file.exists and file.added else None
