"""A repository with work that can be lost, a tool that watches over it, and what became of the work afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from faults_tools import Tool

_PATIENCE = 60.0
_WORD = "FAULT_BENCH_WORD"


@dataclass
class Ground:
    """A repository in `place` with the tool's hook; `script` is what the hook runs on the files of the change."""

    tool: Tool
    place: Path
    hook: str = "pre-commit"
    word: str = field(default_factory=lambda: uuid4().hex)

    @property
    def repository(self) -> Path:
        """The working tree."""
        return self.place / "repository"

    @property
    def marker(self) -> Path:
        """The file that a script writes when it has begun."""
        return self.place / "begun"

    def make(self, script: str, files: dict[str, str], commit: bool = True) -> None:
        """A repository with these files, committed past the hook, and the hook that runs the script."""
        self.repository.mkdir(parents=True)
        (self.place / "check.sh").write_text(script)
        name, text = self.tool.configuration(self.place / "check.sh", self.hook)
        self.git("init", "--quiet", "--initial-branch=main")
        for file, content in ({name: text} | files).items():
            self.write(file, content)
        self.git("add", "--all")
        if commit:
            self.git("commit", "--quiet", "--no-verify", "--message", "base")
        self.tool.install(self.repository, self.hook)

    def git(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run Git to its end."""
        return self.run(["git", *arguments], check)

    def run(self, argv: list[str], check: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a program in the repository to its end."""
        return subprocess.run(
            argv, cwd=self.repository, env=self._environment(), stdin=subprocess.DEVNULL, capture_output=True,
            encoding="utf-8", errors="surrogateescape", check=check, timeout=_PATIENCE,
        )  # fmt: skip

    def begin(self, *argv: str) -> subprocess.Popen[bytes]:
        """Start a program in a session of its own, and wait until the script of the hook has begun."""
        self.marker.unlink(missing_ok=True)
        process = subprocess.Popen(
            argv, cwd=self.repository, env=self._environment(), start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + _PATIENCE
        while not self.marker.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        return process

    def write(self, name: str, text: str) -> None:
        """Write a file of the working tree."""
        file = self.repository / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def stage(self, files: dict[str, str]) -> None:
        """Write files and stage them."""
        for name, text in files.items():
            self.write(name, text)
        self.git("add", "--", *files)

    def tree(self) -> dict[str, tuple[int, bytes]]:
        """The working tree: mode and bytes of each file."""
        return {name: (found[0], found[2]) for name, found in self._files().items()}

    def times(self) -> dict[str, int]:
        """The working tree: when each file was last changed, in nanoseconds."""
        return {name: found[1] for name, found in self._files().items()}

    def index(self) -> str:
        """The entries of the index."""
        return self.git("ls-files", "--stage", "-z").stdout

    def stashes(self) -> str:
        """The list of stashes."""
        return self.git("stash", "list").stdout

    def left_running(self) -> int:
        """How many processes that were started here live on after a second; they are ended then."""
        deadline = time.monotonic() + 1.0
        while self._living() and time.monotonic() < deadline:
            time.sleep(0.05)
        living = self._living()
        for pid in living:
            os.kill(pid, signal.SIGKILL)
        return len(living)

    def _living(self) -> list[int]:
        found, mark = [], f"{_WORD}={self.word}".encode()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def _environment(self) -> dict[str, str]:
        return self.tool.environment() | {_WORD: self.word}

    def _files(self) -> dict[str, tuple[int, int, bytes]]:
        found = {}
        for file in sorted(self.repository.rglob("*")):
            if ".git" not in file.relative_to(self.repository).parts and file.is_file():
                stat = file.stat()
                found[str(file.relative_to(self.repository))] = (stat.st_mode, stat.st_mtime_ns, file.read_bytes())
        return found
