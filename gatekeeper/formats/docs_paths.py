"""Tells by a path whether a file is documentation, and in which markup."""

from __future__ import annotations

from gatekeeper.formats.changelog import is_changelog

FOLDERS = frozenset({"doc", "docs", "documentation"})
"""The names, in lower case, of folders of documentation."""

_MARKDOWN = (".md", ".markdown", ".mkd", ".mdx")
_RST = (".rst", ".txt", ".rest")


def markup_of(path: str) -> str:
    """The markup of a file by the end of its name: "markdown", "rst", or "" for anything else."""
    lowered = path.lower()
    if lowered.endswith(_MARKDOWN):
        return "markdown"
    return "rst" if lowered.endswith(_RST) else ""


def is_docs(path: str) -> bool:
    """Whether a path is that of documentation which names the code as it is now, and no changelog."""
    if not markup_of(path) or is_changelog(path):
        return False
    folders = path.split("/")[:-1]
    in_docs = any(folder.lower() in FOLDERS for folder in folders[:2])
    name = path.rpartition("/")[2].lower()
    return in_docs or name.startswith("readme") or (not folders and not name.endswith(".txt"))
