"""Makes the commit against which files that exist already are a change: the base without the files of a lane."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gatekeeper.edges.config import NAMES
from gatekeeper.edges.git import Repository
from gatekeeper.formats.lane_paths import in_lane
from gatekeeper.formats.tool_files import TOOL_FILES
from gatekeeper.model.gate_override import OVERRIDES_FILE
from gatekeeper.model.mode import MODES, RULES

_WHO = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Gatekeeper"), ("EMAIL", "gatekeeper@localhost"), ("DATE", "@0 +0000"))
}


@dataclass(frozen=True, slots=True)
class Without:
    """The base without the files of a lane: a commit that no reference leads to, and the files it does without."""

    commit: str
    files: tuple[str, ...]


def base_without(repository: Repository, base: str, lane: Sequence[str]) -> Without:
    """A commit on top of `base` in whose tree no file of the lane is; what configures gates and tools stays.

    `lane` are paths or patterns, tied to the root. Only objects are written: no reference, no index, no working tree.
    The same base and lane give the same commit. Where the lane has no file, it is the base itself.
    """
    tree = repository.tree(base)
    files = tuple(path for path in repository.names(tree) if in_lane(path, lane) and not _configures(path))
    if not files:
        return Without(base, ())
    with tempfile.TemporaryDirectory(prefix="gatekeeper-") as folder:
        env = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        repository.run("read-tree", tree, env=env)
        listing = "".join(f"0 {'0' * len(tree)}\t{path}\0" for path in files).encode("utf-8", "surrogateescape")
        repository.run("update-index", "-z", "--index-info", stdin=listing, env=env)
        reduced = repository.run("write-tree", env=env).decode().strip()
    message = b"The base without the files of a lane\n"
    made = repository.run("commit-tree", "-p", base, reduced, stdin=message, env=_WHO)
    return Without(made.decode().strip(), files)


def _configures(path: str) -> bool:
    name = PurePosixPath(path).name
    return name in NAMES or name in TOOL_FILES or path == OVERRIDES_FILE or path.startswith((MODES, RULES))
