"""The exact tree under judgement, where it lies, and the project that it holds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from gatekeeper.model.frozen import dataclass, field

EMPTY_TREES = frozenset(
    {
        "",
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
    }
)
"""The tree without files, as SHA-1 and as SHA-256: the base of a first commit."""


class TargetKind(StrEnum):
    """What can be judged."""

    STAGED = "staged"
    RANGE = "range"
    WORKTREE = "worktree"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Target:
    """What to judge: two trees, how they were named, and the commits between them.

    `base` and `head` are commit ids where there is one (empty for the index, the working tree and an initial commit).
    `title` says in words what is judged, such as "3 staged files against HEAD". `message` is the text of the commits.
    `policy` is the commit whose policy governs a range, where that is not its base.
    """

    kind: TargetKind
    base_tree: str
    head_tree: str
    title: str
    base: str = ""
    head: str = ""
    message: str = ""
    policy: str = ""

    @property
    def whole(self) -> bool:
        """Whether every file is judged as a whole, and not only what a change introduces."""
        return self.kind is TargetKind.ALL

    @property
    def has_base(self) -> bool:
        """Whether there is anything to compare with."""
        return self.base_tree not in EMPTY_TREES


@dataclass(frozen=True, slots=True)
class Candidate:
    """The head tree laid out in the folder `directory`, and the base tree in `base_directory` (absolute paths).

    `in_place` says that the folder is the user's own working tree. `borrowed` names the built files that are no part of
    the tree and were taken over from the working tree, since an install step would make them anew; `outdated` those
    that are older than a changed source, so that they hold other code than the candidate. `absent` are untracked files
    of the working tree that are no part of the tree, and so not in the folder.
    """

    directory: str
    base_directory: str
    in_place: bool = False
    borrowed: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """The interpreter of the project: its path, why it was chosen, its version and what is installed in it.

    `tools` maps a distribution (lower case) to its version. `search_path` is its `sys.path` without the script's own
    folder. `own` says that it is the interpreter which runs Gatekeeper. `problem` says why it cannot be used, if so.
    """

    python: str
    reason: str
    version: tuple[int, ...] = ()
    tools: Mapping[str, str] = field(default_factory=dict)
    search_path: tuple[str, ...] = ()
    own: bool = False
    problem: str = ""

    def has(self, tool: str) -> bool:
        """Whether a distribution is installed in the environment."""
        return tool in self.tools


@dataclass(frozen=True, slots=True)
class Project:
    """One project of the repository: the folder `root` (empty for the repository itself) and what can be imported.

    `import_roots` are the folders that belong on `sys.path`, relative to the repository ("" or "src"); `packages` are
    the top-level names that stand in them, both packages and modules.
    """

    root: str
    import_roots: tuple[str, ...]
    packages: tuple[str, ...]
