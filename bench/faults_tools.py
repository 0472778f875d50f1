"""The four tools of the fault matrix: how each is configured, installed as a hook, and started by hand."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NAMES = ("pre-commit", "prek", "lefthook", "gatekeeper")
_OFF = "  review: off\n  coverage: off\n  tests: off\n  docs: off\n"


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool in `programs`; everything that it remembers goes to folders inside `home`."""

    name: str
    programs: Path
    home: Path

    def environment(self) -> dict[str, str]:
        """The variables of everything that is started: a home folder and a Git configuration of its own."""
        dropped = ("PYTHONPATH", "GIT_", "GATEKEEPER", "PREK_", "PRE_COMMIT", "LEFTHOOK", "XDG_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
        who = {f"GIT_{role}_{what}": "Bench" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        path = f"{self.programs}:{kept.get('PATH', os.defpath)}"
        return kept | who | {"HOME": str(self.home), "PATH": path, "GIT_CONFIG_NOSYSTEM": "1"}

    def configuration(self, script: Path, hook: str = "pre-commit") -> tuple[str, str]:
        """The name and the text of the file that makes this tool run a shell script on the files of a change."""
        start = f"sh {shlex.quote(str(script))}"
        if self.name == "gatekeeper":
            return ".gatekeeper.yml", f"gates:\n{_OFF}  check: {json.dumps({'run': start + ' {files}'})}\n"
        if self.name == "lefthook":
            files = "{push_files}" if hook == "pre-push" else "{staged_files}"
            return "lefthook.json", json.dumps({hook: {"commands": {"check": {"run": f"{start} {files}"}}}}, indent=1)
        one = {"id": "check", "name": "check", "language": "system", "entry": start, "require_serial": True}
        document = {"repos": [{"repo": "local", "hooks": [one | {"stages": [hook]}]}]}
        return ".pre-commit-config.yaml", json.dumps(document, indent=1)

    def install(self, repository: Path, hook: str = "pre-commit") -> None:
        """Install the hook in a repository that has the configuration."""
        if self.name == "gatekeeper":
            script = repository / ".git" / "hooks" / hook
            script.parent.mkdir(exist_ok=True)
            script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m gatekeeper hook {hook} "$@"\n')
            script.chmod(0o755)
            return
        argv = ["lefthook", "install"] if self.name == "lefthook" else [self.name, "install", "--hook-type", hook]
        subprocess.run(argv, cwd=repository, env=self.environment(), capture_output=True, check=True)

    def by_hand(self) -> list[str]:
        """The command that does what the pre-commit hook does."""
        if self.name == "gatekeeper":
            return [sys.executable, "-m", "gatekeeper", "run", "--staged"]
        return ["lefthook", "run", "pre-commit"] if self.name == "lefthook" else [self.name, "run"]

    def version(self) -> str:
        """What the tool says of its version."""
        argv = [sys.executable, "-m", "gatekeeper"] if self.name == "gatekeeper" else [self.name]
        word = "version" if self.name == "lefthook" else "--version"
        done = subprocess.run([*argv, word], env=self.environment(), capture_output=True, text=True, check=False)
        return (done.stdout.split() or ["?"])[-1 if self.name != "lefthook" else 0]
