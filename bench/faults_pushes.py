"""Which pushes of a bad commit are let through: one function a row of the table."""

from __future__ import annotations

import random
from collections.abc import Callable

from faults_ground import Ground

Row = Callable[[Ground, random.Random], str]
_SCRIPT = 'for name; do grep -q BAD "$name" && exit 1; done; exit 0\n'


def _ready(ground: Ground) -> None:
    """A repository whose main branch is pushed; the check blocks files with the word BAD."""
    ground.make(_SCRIPT, {"a.txt": "good\n"})
    ground.git("init", "--quiet", "--bare", str(ground.place / "remote.git"))
    ground.git("remote", "add", "origin", str(ground.place / "remote.git"))
    ground.git("push", "--quiet", "--no-verify", "--set-upstream", "origin", "main")


def _bad_branch(ground: Ground, name: str) -> None:
    ground.git("switch", "--quiet", "--create", name, "main")
    ground.stage({"a.txt": "BAD\n"})
    ground.git("commit", "--quiet", "--no-verify", "--message", "bad")


def _good_branch(ground: Ground, name: str) -> None:
    ground.git("switch", "--quiet", "--create", name, "main")
    ground.stage({"b.txt": "good\n"})
    ground.git("commit", "--quiet", "--no-verify", "--message", "good")


def _pushed(ground: Ground, *references: str) -> str:
    done = ground.git("push", "--quiet", "origin", *references, check=False)
    return "blocked" if done.returncode else "**let through**"


def control(ground: Ground, chance: random.Random) -> str:
    """The plain case."""
    _ready(ground)
    _bad_branch(ground, "bad")
    return _pushed(ground, "bad")


def elsewhere(ground: Ground, chance: random.Random) -> str:
    """The bad branch is not the one that is checked out."""
    _ready(ground)
    _bad_branch(ground, "bad")
    ground.git("switch", "--quiet", "main")
    return _pushed(ground, "bad")


def two_branches(ground: Ground, chance: random.Random) -> str:
    """A good branch and the bad one, which is checked out, in one push."""
    _ready(ground)
    _good_branch(ground, "a-good")
    _bad_branch(ground, "bad")
    return _pushed(ground, "a-good", "bad")


def mended_in_the_index(ground: Ground, chance: random.Random) -> str:
    """The fix is staged and not committed."""
    _ready(ground)
    _bad_branch(ground, "bad")
    ground.stage({"a.txt": "good\n"})
    return _pushed(ground, "bad")


def mended_in_the_working_tree(ground: Ground, chance: random.Random) -> str:
    """The fix is not even staged."""
    _ready(ground)
    _bad_branch(ground, "bad")
    ground.write("a.txt", "good\n")
    return _pushed(ground, "bad")


def tag(ground: Ground, chance: random.Random) -> str:
    """A tag that points at the bad commit, while main is checked out."""
    _ready(ground)
    _bad_branch(ground, "bad")
    ground.git("tag", "v1")
    ground.git("switch", "--quiet", "main")
    return _pushed(ground, "v1")


def _weaker(ground: Ground) -> None:
    """The configuration without the check."""
    name, text = ground.tool.configuration(ground.place / "check.sh", ground.hook)
    script = str(ground.place / "check.sh")
    ground.write(name, text.replace(f"sh {script}", "true"))


def weakened_in_the_working_tree(ground: Ground, chance: random.Random) -> str:
    """An unstaged edit takes the check out of the configuration."""
    _ready(ground)
    _bad_branch(ground, "bad")
    _weaker(ground)
    return _pushed(ground, "bad")


def weakened_in_the_index(ground: Ground, chance: random.Random) -> str:
    """A staged edit takes the check out of the configuration."""
    _ready(ground)
    _bad_branch(ground, "bad")
    _weaker(ground)
    ground.git("add", "--all")
    return _pushed(ground, "bad")


def weakened_in_the_commit(ground: Ground, chance: random.Random) -> str:
    """The bad commit itself takes the check out of the configuration."""
    _ready(ground)
    ground.git("switch", "--quiet", "--create", "bad", "main")
    _weaker(ground)
    ground.write("a.txt", "BAD\n")
    ground.git("commit", "--quiet", "--no-verify", "--all", "--message", "bad")
    return _pushed(ground, "bad")


ROWS: dict[str, Row] = {
    "Bad branch, checked out (control)": control,
    "Bad branch, another one checked out": elsewhere,
    "`git push origin A B`, B bad and checked out": two_branches,
    "Bad commit, fix staged": mended_in_the_index,
    "Bad commit, fix unstaged": mended_in_the_working_tree,
    "Tag at a bad commit": tag,
    "Unstaged edit weakens the configuration": weakened_in_the_working_tree,
    "Staged edit weakens the configuration": weakened_in_the_index,
    "The bad commit weakens the configuration": weakened_in_the_commit,
}
