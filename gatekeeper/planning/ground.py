"""What the planner is told about the repository around a change, and how it finds a module there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from gatekeeper.model.candidate import Project
from gatekeeper.model.frozen import dataclass, field


@dataclass(frozen=True, slots=True)
class Ground:
    """The names of all files of the head tree, the layout of its projects, and texts of files that did not change.

    `texts` are needed for nothing; with those of `__init__.py` files, a name that a package takes from one of its
    modules is followed to that module.
    """

    names: frozenset[str] = frozenset()
    projects: tuple[Project, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)

    def find(self, module: str, importer: str) -> str:
        """The file of an absolute module name as `importer` would import it; empty where the tree has none.

        Import roots come first, then the repository itself, then, for a script or test outside of any package, the
        folder that it lies in, since that is what Python and pytest put on the path.
        """
        inside = module.replace(".", "/")
        for root in self._roots(importer):
            found = self.file_of(f"{root}/{inside}" if root else inside)
            if found:
                return found
        return ""

    def file_of(self, place: str) -> str:
        """The file of a module by its path without the ending; empty where the tree has none."""
        for path in (f"{place}.py", f"{place}/__init__.py", f"{place}.pyi"):
            if path in self.names:
                return path
        return ""

    def _roots(self, importer: str) -> Iterator[str]:
        for project in self.projects:
            yield from project.import_roots
        yield ""
        folder = str(PurePosixPath(importer).parent)
        if folder != "." and f"{folder}/__init__.py" not in self.names:
            yield folder
