"""Says what an inspection is asked to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.inspectors.sources import is_product, module_of
from gatekeeper.model.frozen import dataclass


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """One changed file: its path, the path of its forerunner in the base, and whether the head has it."""

    path: str
    base_path: str | None
    exists: bool


@dataclass(frozen=True, slots=True)
class Work:
    """A request in typed form; paths are relative to the repository, `head` and `base` are folders."""

    head: str
    base: str
    root: str
    import_roots: tuple[str, ...]
    packages: tuple[str, ...]
    search_path: tuple[str, ...]
    files: tuple[ChangedFile, ...]
    whole: bool
    scope: str
    openapi_file: str

    @classmethod
    def from_request(cls, request: Mapping[str, Any]) -> Work:
        """Read a request; raises KeyError where a field is missing."""
        return cls(
            head=request["head"],
            base=request["base"],
            root=request["root"],
            import_roots=tuple(request["import_roots"]),
            packages=tuple(request["packages"]),
            search_path=tuple(request["search_path"]),
            files=tuple(ChangedFile(item["path"], item["base_path"], item["exists"]) for item in request["files"]),
            whole=request["whole"],
            scope=request["scope"],
            openapi_file=request["openapi_file"],
        )

    @property
    def paths(self) -> frozenset[str]:
        """The paths of the changed files that the head has."""
        return frozenset(file.path for file in self.files if file.exists)

    def is_product(self, path: str) -> bool:
        """Whether a file is code of the project itself."""
        return is_product(path, self.root)

    def module_of(self, path: str) -> str | None:
        """The dotted name of a source of the project; where every definition counts, also of one outside packages."""
        if not path.endswith(".py") or not self.is_product(path):
            return None
        known = module_of(path, self.import_roots, self.packages)
        if known is None and self.scope == "all":
            return path.removesuffix(".py").replace("/", ".")
        return known
