"""Shows that what is remembered of pylint is what a fresh look says, byte for byte, over many states of real files.

    python bench/identical.py CLONE [CLONE ...] [--states 1000] [--python ENV/bin/python] [--seed 0]

A walk begins at a random commit with a few random sets of one to three Python files, most of them from the change, and
goes on commit by commit towards today, in two folders by turns. At each commit the sets are looked at twice: with the
memory that the walk has gathered so far, and without any. Each pair of answers is compared as JSON text. The
interpreter needs pylint, and should have what the clones import. The exit code is 1 when any pair differs. Linux only.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import gatekeeper
from gatekeeper.agents.local import LocalAgent
from gatekeeper.agents.remembering import RememberingAgent
from gatekeeper.edges.outcomes import Outcomes
from gatekeeper.gates.review.profile import ALWAYS_OFF, PROFILE_OFF
from gatekeeper.model.job import Job, Memory

_STEPS = 12
_SETS = 5
_PROGRAM = str(Path(gatekeeper.__file__).parent / "inside" / "lint.py")


@dataclass
class Count:
    """How many answers are to be compared, how many were, from memory and different, and the CPU seconds of both."""

    wanted: int
    states: int = 0
    reused: int = 0
    different: int = 0
    remembering: float = 0.0
    afresh: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.states} states compared, {self.reused} of them answered from memory, {self.different} different; "
            f"CPU seconds with memory {self.remembering:.0f}, without {self.afresh:.0f}"
        )


def main() -> int:
    """Walk until enough states were compared; the exit code is 1 when any answer differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", nargs="+", metavar="CLONE", help="a clone, or its Git folder, with its history")
    parser.add_argument("--states", type=int, default=1000, metavar="N", help="how many (default: 1000)")
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has pylint (default: this one)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the random walks (default: 0)")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-bench", metavar="DIR", help="default: %(default)s")
    options = parser.parse_args()
    choice, total = random.Random(options.seed), Count(options.states)
    number = 0
    while total.states < total.wanted:
        clone = options.clones[number % len(options.clones)]
        scratch = Path(options.scratch, "identical").absolute()
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        _walk(clone, options.python, scratch, choice, total)
        number += 1
        sys.stdout.write(f"{number} walks, now in {Path(clone).parent.name or clone}: {total}\n")
        sys.stdout.flush()
    return 1 if total.different else 0


def _walk(clone: str, python: str, scratch: Path, choice: random.Random, total: Count) -> None:
    commits = _git(clone, "log", "--first-parent", "--format=%H", "-n", "400", "HEAD", "--", "*.py").split()[::-1]
    start = choice.randrange(max(1, len(commits) - _STEPS))
    changed = _python_files(_git(clone, "diff-tree", "-r", "--name-only", "--no-commit-id", "-z", commits[start]))
    every = _python_files(_git(clone, "ls-tree", "-r", "-z", "--name-only", commits[start]))
    sets = [_some(choice, changed if changed and choice.random() < 0.7 else every) for _ in range(_SETS)]
    store = Outcomes(scratch)
    for step, commit in enumerate(commits[start : start + _STEPS]):
        if total.states >= total.wanted:
            return
        tree = scratch / f"tree-{step % 2}"
        _lay_out(clone, commit, tree)
        here = [files for files in sets if all((tree / file).is_file() for file in files)]
        known, known_cpu = _look(tree, here, python, scratch, RememberingAgent(LocalAgent(0.0), store))
        fresh, fresh_cpu = _look(tree, here, python, scratch, RememberingAgent(LocalAgent(0.0), Outcomes(scratch, 0)))
        total.remembering += known_cpu
        total.afresh += fresh_cpu
        for files, remembered, anew in zip(here, known, fresh, strict=True):
            total.states += 1
            total.reused += remembered.pop("reused", None) is not None
            if json.dumps(remembered) != json.dumps(anew):
                total.different += 1
                sys.stdout.write(f"DIFFERENT at {commit} of {clone}: {files}\n  {remembered}\n  {anew}\n")


def _look(
    tree: Path, sets: list[tuple[str, ...]], python: str, scratch: Path, agent: RememberingAgent
) -> tuple[list[dict[str, object]], float]:
    """What pylint says of each set of files, and the CPU seconds."""
    roots = [str(tree / "src")] if (tree / "src").is_dir() else [str(tree)]
    output = str(scratch / "answer.json")
    memories = [
        Memory(json.dumps(files), f"{output}.{number}.known", f"{output}.{number}.made")
        for number, files in enumerate(sets)
    ]
    sides = [
        {
            "name": str(number), "root": str(tree), "tree": str(tree), "tree_id": "earlier", "roots": roots,
            "files": [f"{tree}/{file}" for file in files], "known": memory.known, "made": memory.made,
        }
        for number, (files, memory) in enumerate(zip(sets, memories, strict=True))
    ]  # fmt: skip
    asked = {
        "output": output, "sides": sides, "tree": str(tree), "packages": _packages(Path(roots[0])),
        "borrowed_path": [], "config_roots": [str(tree)], "always_off": list(ALWAYS_OFF),
        "profile_off": list(PROFILE_OFF), "ignore": [],
    }  # fmt: skip
    job = Job(
        "lint", "review", "pylint", (python, _PROGRAM), str(tree), 600, env=(("PYTHONHASHSEED", "0"),),
        stdin=json.dumps(asked), outputs=(output,), memories=tuple(memories),
    )  # fmt: skip
    outcome = agent.run(job, lambda said: None)
    if not outcome.ran:
        raise SystemExit(f"{outcome.problem}\n{outcome.stderr}")
    answer = json.loads(outcome.files[output])
    return [answer["sides"][side["name"]] for side in sides], outcome.cpu_seconds


def _packages(root: Path) -> list[str]:
    inner = [path for path in root.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()]
    return sorted(path.stem for path in inner)


def _some(choice: random.Random, files: list[str]) -> tuple[str, ...]:
    return tuple(choice.sample(files, min(len(files), choice.choice((1, 1, 1, 2, 3)))))


def _python_files(names: str) -> list[str]:
    return [name for name in names.split("\0") if name.endswith(".py")]


def _lay_out(clone: str, commit: str, tree: Path) -> None:
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir()
    packed = subprocess.run(["git", "-C", clone, "archive", commit], check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x", "-C", str(tree)], input=packed, check=True)


def _git(clone: str, *arguments: str) -> str:
    return subprocess.run(["git", "-C", clone, *arguments], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
