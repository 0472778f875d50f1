"""A small project with an agent that follows a script, and orchestrations of it through the real command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.repository import GitRepository

AGENT = Path(__file__).parent / "agents" / "scripted.py"
PATIENCE = 120
CART = '"""The cart."""\n\n\ndef total(prices: list[float]) -> float:\n    """The sum of all prices."""\n    return sum(prices)\n'
DISCOUNTED = (
    "\n\ndef discounted(prices: list[float], share: float) -> float:\n"
    '    """The sum of all prices, less a share of it between 0 and 1."""\n    return total(prices) * (1 - share)\n'
)
TESTED = "from shop.cart import discounted\n\n\ndef test_discounted() -> None:\n    assert discounted([10], 0.5) == 5\n"
FILES = {
    "src/shop/__init__.py": '"""A shop."""\n',
    "src/shop/cart.py": CART,
    "tests/test_cart.py": "from shop.cart import total\n\n\ndef test_total() -> None:\n    assert total([1, 2]) == 3\n",
    "docs/guide.md": "# Guide\n\n`total` adds prices up.\n",
    "pyproject.toml": '[project]\nname = "shop"\nversion = "1"\n\n[tool.pytest.ini_options]\npythonpath = ["src"]\n',
    ".gitignore": "__pycache__/\n",
}
QUICK = "gates: {review: off, coverage: off, docs: off}\n"
"""Where it is not the gates that a test is about, one is enough."""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    exit: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        """Everything that was printed, with single blanks."""
        return " ".join(f"{self.stdout}\n{self.stderr}".split())


@dataclass(frozen=True)
class Shop:
    """The project, and the place of the script that its agent follows."""

    repository: GitRepository
    script: Path

    @classmethod
    def open(cls, repository: GitRepository, script: Path, agents: str = "", files: Mapping[str, str] = {}) -> Shop:
        """Commit the project; `agents` replaces the roster, in YAML."""
        argv = json.dumps([sys.executable, str(AGENT), str(script), "{prompt_file}"])
        roster = agents or f"agents:\n- {{name: scripted, pillar: primary, run: {argv}}}\n"
        repository.commit({**FILES, ".gatekeeper.yml": roster, **files})
        return cls(repository, script)

    def follows(self, *entries: Mapping[str, Any]) -> None:
        """Write what the agent does."""
        self.script.write_text(json.dumps(entries), "utf-8")

    def argv(self, *arguments: str) -> Sequence[str]:
        """The command line of an orchestration."""
        return [sys.executable, "-m", "gatekeeper", "orchestrate", "--format", "plain", *arguments]

    def orchestrate(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ran:
        """Orchestrate to the end."""
        done = subprocess.run(
            self.argv(*arguments), cwd=self.repository.path, env={**os.environ, **(env or {})},
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    def task(self, *arguments: str) -> Ran:
        """Have the cart get discounts."""
        return self.orchestrate("--task", "Add discounts to the cart", "--agent", "scripted", *arguments)

    @property
    def worktrees(self) -> list[str]:
        """The lines of `git worktree list`."""
        return self.repository.git("worktree", "list").splitlines()

    def branch(self) -> str:
        """The only branch that a run has made."""
        (name,) = self.repository.git("for-each-ref", "--format=%(refname:short)", "refs/heads/gatekeeper").split()
        return name
