"""What happens to the user's work, and to the verdict, while a commit is checked: one function a row of the table."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from faults_ground import Ground

Row = Callable[[Ground, random.Random], str]
_TEXT = {"a.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "b.txt": "b\n"}
_STAGED, _UNSTAGED = _TEXT["a.txt"].replace("1\n", "one\n"), _TEXT["a.txt"].replace("1\n", "one\n").replace("9", "nine")


def _partly_staged(ground: Ground, script: str) -> None:
    ground.make(script, _TEXT)
    ground.stage({"a.txt": _STAGED})
    ground.write("a.txt", _UNSTAGED)
    ground.write("b.txt", "not staged\n")


def _slow(ground: Ground) -> str:
    return f"touch '{ground.marker}'; sleep 3; exit 0\n"


def _signalled(number: signal.Signals, times: int) -> Row:
    def row(ground: Ground, chance: random.Random) -> str:
        _partly_staged(ground, _slow(ground))
        before = (ground.tree(), ground.index(), ground.stashes())
        process = ground.begin("git", "commit", "--quiet", "--message", "x")
        time.sleep(chance.uniform(0.1, 1.0))
        for _ in range(times):
            _to_group(process.pid, number)
            time.sleep(0.05)
        process.wait()
        running = ground.left_running()
        (ground.repository / ".git" / "index.lock").unlink(missing_ok=True)  # Git's own, where Git was killed
        return _lost(ground, before) + (f", {running} left running" if running else "")

    return row


def _to_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _lost(ground: Ground, before: tuple[object, object, object]) -> str:
    """What differs from before, in words."""
    after = (ground.tree(), ground.index(), ground.stashes())
    words = ("**unstaged edits not restored**", "**index changed**", "a stash left behind")
    differing = [word for word, old, new in zip(words, before, after, strict=True) if old != new]
    return ", ".join(differing) or "nothing lost"


def untracked_import(ground: Ground, chance: random.Random) -> str:
    """The staged file imports a module that nobody added."""
    ground.make("python3 -B -c 'import app'\n", {"app.py": "\n"})
    ground.stage({"app.py": "import helper\n"})
    ground.write("helper.py", "\n")
    return _verdict(ground)


def unstaged_need(ground: Ground, chance: random.Random) -> str:
    """The staged file needs an edit of another file that is not staged."""
    ground.make("python3 -B -c 'import app'\n", {"app.py": "\n", "helper.py": "\n"})
    ground.stage({"app.py": "import helper\nhelper.new\n"})
    ground.write("helper.py", "new = 1\n")
    return _verdict(ground)


def _verdict(ground: Ground) -> str:
    done = ground.git("commit", "--quiet", "--message", "x", check=False)
    return "caught" if done.returncode else "**false pass**"


def named_path(ground: Ground, chance: random.Random) -> str:
    """`git commit a.txt` while b.txt is staged on its own: which b.txt does the check see?"""
    seen = ground.place / "seen"
    ground.make(f"cat b.txt > '{seen}'\n", _TEXT)
    ground.stage({"b.txt": "staged apart\n"})
    ground.write("a.txt", "named\n")
    ground.git("commit", "--quiet", "--message", "x", "a.txt", check=False)
    text = seen.read_text() if seen.exists() else ""
    return {"b\n": "what is committed", "staged apart\n": "**the other staged content**"}.get(text, "did not run")


def index_changed(ground: Ground, chance: random.Random) -> str:
    """The user stages another file while the check runs."""
    _partly_staged(ground, _slow(ground))
    ground.write("c.txt", "c\n")
    before = ground.tree()
    process = ground.begin("git", "commit", "--quiet", "--message", "x")
    time.sleep(chance.uniform(0.1, 1.0))
    added = ground.git("add", "c.txt", check=False).returncode == 0
    code = process.wait()
    kept = "nothing lost" if ground.tree() == before else "**unstaged edits missing afterwards**"
    rolled = added and "c.txt" not in ground.index()
    return f"{kept}, exit {code}" + (", **the staging undone**" if rolled else "")


def staging_hook(ground: Ground, chance: random.Random) -> str:
    """The check edits the partly staged file where the user edited it, and stages it."""
    _partly_staged(ground, "sed -i 's/^9$/neun/' a.txt; git add a.txt 2>/dev/null; exit 0\n")
    done = ground.git("commit", "--quiet", "--message", "x", check=False)
    files = {name: text.decode() for name, (_, text) in ground.tree().items()}
    lost = [name for name, text in {"a.txt": _UNSTAGED, "b.txt": "not staged\n"}.items() if files.get(name) != text]
    return f"**unstaged edits of {' and '.join(lost)} gone**, exit {done.returncode}" if lost else "nothing lost"


def hostile_names(ground: Ground, chance: random.Random) -> str:
    """How many of 13 names reach the check as they are."""
    names = ["sp ace", "new\nline", "tab\tx", "qu'ote", 'dou"ble', "$(id)", "`id`", "st*r?", "[a]", "-dash"]
    names += ["\u6587\u5b57", "back\\slash", "caf\u00e9;x"]
    told = ground.place / "told"
    ground.make(f"for name; do test -f \"$name\" && echo x >> '{told}'; done; exit 0\n", {})
    ground.stage({f"{name}.txt": "x\n" for name in names[:9]} | {"-dash": "x\n"} | dict.fromkeys(names[10:], "x\n"))
    ground.git("commit", "--quiet", "--message", "x", check=False)
    return f"{len(told.read_text().split()) if told.exists() else 0} of {len(names)}"


def intent_to_add(ground: Ground, chance: random.Random) -> str:
    """A file that is to be added later, beside a partly staged one."""
    _partly_staged(ground, "exit 0\n")
    ground.write("later.txt", "later\n")
    ground.git("add", "--intent-to-add", "later.txt")
    before = ground.tree()
    done = ground.git("commit", "--quiet", "--message", "x", check=False)
    return _outcome(ground, before, done.returncode)


def first_commit(ground: Ground, chance: random.Random) -> str:
    """There is no HEAD yet, and a file is partly staged."""
    ground.make("exit 0\n", _TEXT, commit=False)
    ground.write("a.txt", _UNSTAGED)
    before = ground.tree()
    done = ground.git("commit", "--quiet", "--message", "x", check=False)
    return _outcome(ground, before, done.returncode)


def _outcome(ground: Ground, before: object, code: int) -> str:
    kept = "nothing lost" if ground.tree() == before else "**unstaged edits missing**"
    return kept if code == 0 else f"{kept}, exit {code}"


def stale_lock(ground: Ground, chance: random.Random) -> str:
    """A Git that crashed has left index.lock; the tool is started by hand, since Git itself goes no further."""
    _partly_staged(ground, "exit 0\n")
    before = (ground.tree(), ground.index(), ground.stashes())
    lock = ground.repository / ".git" / "index.lock"
    lock.write_text("")
    done = ground.run(ground.tool.by_hand())
    lock.unlink()
    return f"{_lost(ground, before)}, exit {done.returncode}"


def times_kept(ground: Ground, chance: random.Random) -> str:
    """Whether files with unstaged edits keep their time of change through a commit that passes."""
    _partly_staged(ground, "exit 0\n")
    before = ground.times()
    time.sleep(0.02)
    ground.git("commit", "--quiet", "--message", "x", check=False)
    return "kept" if ground.times() == before else "changed"


def next_run(ground: Ground, chance: random.Random) -> str:
    """After SIGKILL: does the next start mend or say anything, and is the work there?"""
    _partly_staged(ground, _slow(ground))
    before = ground.tree()
    process = ground.begin("git", "commit", "--quiet", "--message", "x")
    _to_group(process.pid, signal.SIGKILL)
    process.wait()
    ground.left_running()
    (ground.repository / ".git" / "index.lock").unlink(missing_ok=True)
    Path(ground.place, "check.sh").write_text("exit 0\n")
    ground.run(ground.tool.by_hand())
    return "nothing to mend" if ground.tree() == before else "**still not restored**"


ROWS: dict[str, Row] = {
    "SIGINT once": _signalled(signal.SIGINT, 1),
    "SIGINT five times": _signalled(signal.SIGINT, 5),
    "SIGTERM": _signalled(signal.SIGTERM, 1),
    "SIGHUP (terminal closed)": _signalled(signal.SIGHUP, 1),
    "SIGKILL (out of memory)": _signalled(signal.SIGKILL, 1),
    "The run after a SIGKILL": next_run,
    "Index changed while the check runs": index_changed,
    "The check edits and stages a partly staged file": staging_hook,
    "Staged file imports an untracked module": untracked_import,
    "Staged file needs an unstaged edit of another file": unstaged_need,
    "`git commit a.txt`, b.txt staged apart: the check sees": named_path,
    "13 hostile names": hostile_names,
    "Intent-to-add beside a partly staged file": intent_to_add,
    "First commit, partly staged": first_commit,
    "Stale index.lock (started by hand)": stale_lock,
    "Times of files with unstaged edits": times_kept,
}
