"""Finds the documentation that a tree holds: its README files and the texts in its docs folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gatekeeper.formats.docs_paths import FOLDERS, is_docs
from gatekeeper.inspectors.sources import read_text

_BUILT = frozenset({"_build", "build", "site", "node_modules", "_static", "__pycache__"})
_MOST_FILES = 5_000


def docs_texts(tree: str, root: str, exact: frozenset[str], base: str) -> Iterator[tuple[str, str]]:
    """The documentation of a project in a tree as (path in the repository, text), at most 5,000 files.

    What stands neither in the base tree nor among the paths of `exact` is no part of the commit (built or ignored
    files beside it) and is left out.
    """
    count = 0
    for path in _paths(Path(tree), root):
        if count >= _MOST_FILES:
            return
        count += 1
        if not is_docs(path) or not (path in exact or os.path.lexists(f"{base}/{path}")):
            continue
        text = read_text(Path(tree, path))
        if text is not None:
            yield path, text


def _paths(tree: Path, root: str) -> Iterator[str]:
    start = tree / root
    try:
        entries = sorted(os.scandir(start), key=lambda entry: entry.name)
    except OSError:
        return
    prefix = f"{root}/" if root else ""
    for entry in entries:
        if entry.is_file(follow_symlinks=False):
            yield f"{prefix}{entry.name}"
        elif entry.is_dir(follow_symlinks=False) and entry.name.lower() in FOLDERS:
            for place, folders, files in os.walk(entry.path):
                folders[:] = sorted(name for name in folders if name not in _BUILT and not name.startswith("."))
                inside = Path(place).relative_to(tree).as_posix()
                yield from (f"{inside}/{name}" for name in sorted(files))
