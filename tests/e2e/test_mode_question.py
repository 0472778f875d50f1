"""Two modes that are in each other's way: a person at a terminal is asked which one shall hold, nobody elsewhere."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from tests.repository import GitRepository

MODE = "---\nname: {name}\ngroup: pace\noverrides:\n  test_coverage_min: {coverage}\n---\n\nFor the test.\n"
COMMANDS = {
    "plan": ["plan", "--staged", "--mode", "Fast", "--mode", "Slow"],
    "run": ["run", "--staged", "--gate", "review", "--mode", "Fast", "--mode", "Slow"],
}


@pytest.fixture
def torn(repository: GitRepository) -> GitRepository:
    modes = {f".gatekeeper/modes/{n}.md": MODE.format(name=n, coverage=c) for n, c in (("Fast", 86), ("Slow", 97))}
    repository.commit({**modes, "a.py": '"""A."""\n'})
    repository.stage({"a.py": '"""A and more."""\n'})
    return repository


def at_a_terminal(repository: GitRepository, arguments: list[str], answer: bytes) -> tuple[int, str]:
    """Run a command on a pseudo terminal, answer its question, and tell the exit code and what it showed."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gatekeeper", *arguments],
        cwd=repository.path,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        env={**{k: v for k, v in os.environ.items() if k != "CI"}, "TERM": "dumb", "COLUMNS": "100"},
        start_new_session=True,
    )
    os.close(slave)
    shown, answered = b"", False
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:
            break
        if not chunk:
            break
        shown += chunk
        if b"for neither: " in shown and not answered:
            answered = True
            os.write(master, answer)
    os.close(master)
    return process.wait(60), shown.decode("utf-8", "replace").replace("\r\n", "\n")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(("answer", "kept", "given"), [(b"2\n", "Slow", "Fast"), (b"Fast\n", "Fast", "Slow")])
def test_the_answer_holds(torn: GitRepository, command: str, answer: bytes, kept: str, given: str) -> None:
    code, shown = at_a_terminal(torn, COMMANDS[command], answer)
    assert code == 0, shown
    assert shown.count("Which one shall hold?") == 1, shown
    assert f"mode {kept} holds: --mode" in " ".join(shown.split())
    assert f"{given} gives way to {kept}" in " ".join(shown.split())


def test_no_answer_decides_nothing(torn: GitRepository) -> None:
    code, shown = at_a_terminal(torn, COMMANDS["plan"], b"\n")
    assert code == 2
    assert "the modes Fast and Slow cannot be active together" in shown


@pytest.mark.parametrize("command", COMMANDS)
def test_nobody_is_asked_where_nobody_sits(torn: GitRepository, command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gatekeeper", *COMMANDS[command]],
        cwd=torn.path, stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Which one shall hold?" not in done.stderr
    assert "switch one of them off with --no-mode Fast or --no-mode Slow" in done.stderr
