"""The sample project with an agent that misbehaves, and what must hold whatever it did."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.orchestrate.shop import QUICK, Ran, Shop
from tests.repository import GitRepository

HOSTILE = Path(__file__).parent / "agents" / "hostile.py"
_RUNS = "refs/gatekeeper/orchestrations/"


@dataclass
class Misbehaving:
    """The project in `place`, whose agent does its work in a hostile way."""

    shop: Shop
    place: Path
    before: dict[str, object] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)

    @classmethod
    def open(cls, repository: GitRepository, behaviour: str, keys: str = "", gates: str = QUICK) -> Misbehaving:
        """Commit the project; `keys` are further ones of the agent's description, in YAML."""
        place = repository.path.parent
        argv = json.dumps([sys.executable, str(HOSTILE), behaviour, str(place), "{prompt_file}"])
        return cls.of(
            repository, f"agents:\n- {{name: scripted, pillar: primary, run: {argv}{', ' * bool(keys)}{keys}}}\n{gates}"
        )

    @classmethod
    def of(cls, repository: GitRepository, configuration: str) -> Misbehaving:
        """Commit the project with a configuration, and give the user work that is not committed."""
        place = repository.path.parent
        opened = cls(Shop.open(repository, place / "script.json", configuration), place)
        repository.git("branch", "topic")
        repository.git("branch", "gone")
        repository.write("src/shop/cart.py", "an edit of the user\n")
        repository.write("notes.txt", "mine\n")
        repository.stage({"docs/staged.md": "# Staged\n"})
        opened.before, opened.metadata = repository.state(), opened._metadata()
        return opened

    @property
    def repository(self) -> GitRepository:
        """The user's repository."""
        return self.shop.repository

    def task(self, *arguments: str, files: Sequence[str] = ("src/**",)) -> Ran:
        """Orchestrate the work on some files."""
        return self.shop.task("--files", *files, *arguments)

    def assert_untouched(self, *besides: str) -> None:
        """Nothing of the user's has changed but what is named, nothing runs on, and no worktree is left.

        `besides` are keys of the state, or names of references, that may differ.
        """
        after = self.repository.state()
        for key in ("files", "index", "stash"):
            assert key in besides or after[key] == self.before[key], key
        mine = [line for line in _lines(after) if _RUNS not in line and "refs/heads/gatekeeper/" not in line]
        assert [line for line in mine if not line.endswith(besides)] == [
            line for line in _lines(self.before) if not line.endswith(besides)
        ]
        assert "metadata" in besides or self._metadata() == self.metadata
        if "worktrees" not in besides:
            self.assert_nothing_left()

    def assert_nothing_left(self) -> None:
        """No process of an agent lives, and no worktree is left."""
        assert self.living() == []
        assert len(self.shop.worktrees) == 1
        assert not (self.repository.path / ".git" / "worktrees").exists()
        assert not list(Path(os.environ["GATEKEEPER_CACHE"]).glob("**/orchestrations/*/worktrees/*"))
        self.repository.git("fsck", "--no-dangling")

    def saved(self, path: str) -> list[str]:
        """What each reference of the runs holds of a file, the empty ones apart."""
        names = self.repository.git("for-each-ref", "--format=%(refname)", _RUNS).split()
        found = []
        for name in names:
            listed = self.repository.git("ls-tree", "-r", "--name-only", name).splitlines()
            if path in listed:
                found.append(self.repository.git("show", f"{name}:{path}"))
        return found

    def references(self, end: str) -> list[str]:
        """The references of the runs that end so."""
        names = self.repository.git("for-each-ref", "--format=%(refname)", _RUNS).split()
        return [name for name in names if name.endswith(end)]

    def living(self) -> list[str]:
        """The command lines of living processes of the run: they name this place, or bear the cache of the test."""
        found, cache = [], os.environ["GATEKEEPER_CACHE"].encode()
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                line = (entry / "cmdline").read_bytes()
                here = bytes((entry / "cwd").readlink())
                if f"{self.place}\0".encode() in line or cache in (entry / "environ").read_bytes() or cache in here:
                    found.append(line.decode("utf-8", "replace"))
        return found

    def _metadata(self) -> dict[str, str]:
        """What rules the user's repository: its settings, hooks and attributes, by digests."""
        home = self.repository.path / ".git"
        named = ("config", "HEAD", "info/attributes", "info/exclude", "info/grafts", "info/sparse-checkout")
        files = [*(home / name for name in named), *(home / "hooks").rglob("*")]
        return {
            str(file): f"{file.lstat().st_mode:o} {hashlib.sha256(file.read_bytes()).hexdigest()}"
            for file in files
            if file.is_file()
        }


def _lines(state: dict[str, object]) -> list[str]:
    lines = state["references"]
    assert isinstance(lines, list)
    return lines
