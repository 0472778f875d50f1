"""Orchestrations with real coding agents, two at a time, whose model follows a script on the loopback.

mini-swe-agent is installed from the package index where GATEKEEPER_TEST_NETWORK is set; the others are tried where
they are installed.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper.formats.agent_templates import described_template
from gatekeeper.formats.placeholders import filled
from gatekeeper.inspectors.scripted_model import packed
from tests.orchestrate.shop import DISCOUNTED, TESTED, Shop
from tests.real_agents import install_mini
from tests.repository import GitRepository

MODEL = Path(__file__).parents[2] / "gatekeeper" / "inspectors" / "scripted_model.py"
GUIDE = "\n`discounted` takes a share off.\n"


def added(text: str, path: str) -> str:
    """A command for a shell that adds a text to a file."""
    return f"printf %s {shlex.quote(text)} >> {path}"


# A word of more than a line would be cut in a prompt, so the script is given in pieces. Which workstream it is, an agent could read from its prompt; the script reads it from the folder.
WHOLE_SCRIPT = packed(
    [
        f"case $(pwd) in *primary-1*) {added(DISCOUNTED, 'src/shop/cart.py')};; "
        f"*primary-2*) {added(GUIDE, 'docs/guide.md')};; *) {added(TESTED, 'tests/test_discounts.py')};; esac"
    ],
    "That is done.",
)
SCRIPT = " ".join(piece for word in WHOLE_SCRIPT.split() for piece in textwrap.wrap(word, 76))


@pytest.fixture
def model() -> Iterator[str]:
    """The address of the scripted model."""
    process = subprocess.Popen([sys.executable, MODEL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()


def roster(name: str, url: str, home: Path) -> str:
    """The setting `agents` with a shipped description, pointed at the model as `gatekeeper agents check` does it."""
    described = described_template(name)
    known, check = described.agent, described.check
    assert check is not None
    values = {key: f"{{{key}}}" for key in ("worktree", "base", "prompt", "prompt_file", "report")}
    fixed = {**values, "url": url, "scratch": str(home)}
    for path, text in check.files:
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(filled(text, fixed, name), "utf-8")
    settings = {key: filled(text, fixed, name) for key, text in check.settings}
    agent = {
        "name": "real", "pillar": "primary", "run": [word.replace("{url}", url) for word in check.argv or known.argv],
        "driver": known.driver, "progress": known.progress,
        **({"progress_file": known.progress_file} if known.progress_file else {}),
        "set": {**dict(known.settings), "HOME": str(home), **settings},
    }  # fmt: skip
    return json.dumps({"agents": [agent]})


@pytest.mark.long
@pytest.mark.parametrize("name", ["mini", "codex", "opencode-acp"])
def test_a_real_agent_works_and_mends(
    name: str, repository: GitRepository, model: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    program = described_template(name).agent.argv[0]
    if name == "mini" and os.environ.get("GATEKEEPER_TEST_NETWORK"):
        folder = install_mini(tmp_path_factory)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    elif shutil.which(program) is None:
        pytest.skip(f"{program} is not installed")
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "127.0.0.1")
    (tmp_path / "home").mkdir()
    shop = Shop.open(repository, tmp_path / "unused", roster(name, model, tmp_path / "home"))
    ran = shop.orchestrate(
        "--task", f"Add discounts to the cart {SCRIPT}", "--files", "src/**", "docs/**", "--agent", "real"
    )
    assert ran.exit == 0, ran.said
    assert "iteration 1 of 3: 1 finding to mend" in ran.said
    branch = shop.branch()
    assert shop.repository.git("show", f"{branch}:tests/test_discounts.py") + "\n" == TESTED
    changed = shop.repository.git("diff", "--name-only", "main", branch).split()
    assert changed == ["docs/guide.md", "src/shop/cart.py", "tests/test_discounts.py"]
    assert len(shop.worktrees) == 1
