"""A real Git repository for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gatekeeper.edges.git import Repository, find_repository


@dataclass(frozen=True)
class GitRepository:
    """A repository in a temporary folder, and the few things that tests do with one."""

    path: Path

    @classmethod
    def create(cls, path: Path, *options: str) -> GitRepository:
        """Make an empty repository."""
        path.mkdir(parents=True)
        made = cls(path)
        made.git("init", "--quiet", "--initial-branch=main", *options)
        return made

    @property
    def edge(self) -> Repository:
        """The repository as Gatekeeper sees it."""
        return find_repository(str(self.path))

    def git(self, *arguments: str, env: dict[str, str] | None = None) -> str:
        """Run Git and tell what it printed."""
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.path,
            env={**os.environ, **(env or {})},
            capture_output=True,
            check=True,
        )
        return done.stdout.decode("utf-8", "surrogateescape").strip()

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file in the working tree."""
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    def stage(self, files: dict[str, str | bytes]) -> None:
        """Write files and stage them."""
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "--", *files)

    def commit(self, files: dict[str, str | bytes], message: str = "A change") -> str:
        """Write, stage and commit files; tells the commit."""
        self.stage(files)
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def state(self) -> dict[str, object]:
        """All that a check must leave as it was: files with times, index, references."""
        files = {
            str(file.relative_to(self.path)): (file.lstat().st_mtime_ns, file.read_bytes() if file.is_file() else b"")
            for file in sorted(self.path.rglob("*"))
            if ".git" not in file.relative_to(self.path).parts and not file.is_dir()
        }
        index = self.path / ".git" / "index"
        return {
            "files": files,
            "index": index.read_bytes() if index.exists() else b"",
            "references": self._references(),
            "stash": self.git("stash", "list"),
        }

    def _references(self) -> list[str]:
        """Every reference with its object; only the notes in which verdicts are recorded are none of the user's."""
        lines = self.git("for-each-ref").splitlines()
        return [line for line in lines if not line.endswith("\trefs/notes/gatekeeper")]

    def gatekeeper(self, *arguments: str, env: dict[str, str] | None = None) -> Run:
        """Run the real command line in the repository, with a JSON report."""
        output = self.path.parent / "report.json"
        output.unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "gatekeeper", "run", "--format", "json", "--output", str(output), *arguments],
            cwd=self.path,
            env={**os.environ, **(env or {})},
            capture_output=True,
            check=False,
        )
        report = json.loads(output.read_text()) if output.exists() and output.stat().st_size else {}
        return Run(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode(), report)


@dataclass(frozen=True)
class Run:
    """What one run of the command line gave."""

    exit: int
    stdout: str
    stderr: str
    report: dict[str, Any]

    def verdict(self, gate: str) -> dict[str, Any]:
        """The verdict of a gate."""
        return next(verdict for verdict in self.report["verdicts"] if verdict["gate"] == gate)

    def status(self, gate: str) -> str:
        """The status of a gate's verdict."""
        return str(self.verdict(gate)["status"])

    def rules(self, gate: str) -> set[str]:
        """The rules of the findings of a gate."""
        return {finding["rule"] for finding in self.verdict(gate)["findings"]}
