"""Writes and reads the Git notes in which the verdicts on a tree are kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from gatekeeper.edges.git import Repository

REFERENCE = "refs/notes/gatekeeper"
"""The notes hang on trees, so that a commit, an amended message and an unchanged rebase all find them."""

_NAME, _EMAIL = "Gatekeeper", "gatekeeper@localhost"
_TRIES = 12
_TRIES_AT_A_LOCK = 3  # Git itself waits a while for it each time, and one that a killed Git left behind stays
_LARGEST = 1 << 20


def add_note(
    repository: Repository, tree: str, revise: Callable[[str], str | None], when: int, environment: Mapping[str, str]
) -> str:
    """Give the note of a tree the text that `revise` makes of its present one; tells the trouble, or nothing.

    `revise` answers None where nothing is to be written; it may be asked several times, since another run may write at
    the same moment: Git then refuses to move the reference, and the new text is read. While a push is received nothing
    is written, since Git allows no reference to be moved then.
    """
    if "GIT_QUARANTINE_PATH" in environment:
        return ""
    if _is_another_name(repository):
        return f"{REFERENCE} is another name of a reference that is not Gatekeeper's to move"
    said, locked = "", 0
    for attempt in range(_TRIES):
        tip, present = _read(repository, tree)
        text = revise("\n".join(present.values()))
        if text is None:
            return ""
        status, said = _write(repository, tip, _changes(tree, text, present), when)
        if status == 0:
            return ""
        is_locked = ".lock" in said
        if not (is_locked or "Not updating" in said or "cannot lock ref" in said):
            break
        locked += is_locked
        if locked == _TRIES_AT_A_LOCK:
            break
        time.sleep(0.005 * attempt)
    return said.strip().removeprefix("fatal: ").split("\n")[0] or "git fast-import failed"


def read_notes(repository: Repository) -> dict[str, str]:
    """The text of every note by the tree on which it hangs; empty where nothing was recorded yet."""
    if repository.commit(REFERENCE) is None:
        return {}
    objects = repository.objects(REFERENCE)
    contents = repository.contents(objects.values(), _LARGEST)
    notes: dict[str, str] = {}
    for path, content in zip(objects, contents, strict=True):
        tree = path.replace("/", "")
        notes[tree] = notes.get(tree, "") + (content or b"").decode("utf-8", "replace") + "\n"
    return notes


def _is_another_name(repository: Repository) -> bool:
    """Whether the reference is a symbolic one: what is written to it would move a branch."""
    try:
        return Path(repository.common_dir, REFERENCE).read_bytes().startswith(b"ref:")
    except OSError:
        return False


def _places(tree: str) -> tuple[str, str, str]:
    """Where a note can lie: Git spreads them over folders as they become more."""
    return f"{tree[:2]}/{tree[2:]}", tree, f"{tree[:2]}/{tree[2:4]}/{tree[4:]}"


def _read(repository: Repository, tree: str) -> tuple[str, dict[str, str]]:
    """The commit of the notes (empty before the first one) and what they hold on a tree, by place.

    The commit is read first: if the notes move on in between, what is written on top of it is refused.
    """
    asked = "".join(f"{REFERENCE}{place}\n" for place in ("^{commit}", *(f":{place}" for place in _places(tree))))
    output = repository.run("cat-file", "--batch", stdin=asked.encode())
    answers: list[tuple[str, bytes] | None] = []
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        words = output[position:end].split()
        position = end + 1
        if words[-1] == b"missing":
            answers.append(None)
            continue
        size = int(words[2])
        answers.append((words[0].decode(), output[position : position + size]))
        position += size + 1
    tip, *notes = answers
    present = {
        place: note[1].decode("utf-8", "surrogateescape")  # what others wrote there stays as it is
        for place, note in zip(_places(tree), notes, strict=True)
        if note is not None
    }
    return tip[0] if tip else "", present


def _changes(tree: str, text: str, present: Mapping[str, str]) -> bytes:
    """What `git fast-import` is told of the files; a note that lies in another place is moved."""
    place, *others = _places(tree)
    gone = "".join(f"D {other}\n" for other in others if other in present)
    content = text.encode("utf-8", "surrogateescape")
    return f"{gone}M 100644 inline {place}\ndata {len(content)}\n".encode() + content + b"\n"


def _write(repository: Repository, tip: str, changes: bytes, when: int) -> tuple[int, str]:
    """Make a commit of the notes in one process; Git moves the reference only if it is still where it was read."""
    head = [f"commit {REFERENCE}", f"committer {_NAME} <{_EMAIL}> {when} +0000", "data 19", "Record the verdicts"]
    start = "\n".join([*head, *([f"from {tip}"] if tip else [])]) + "\n"
    identity = {"GIT_COMMITTER_NAME": _NAME, "GIT_COMMITTER_EMAIL": _EMAIL}  # of the entry in the reference's log
    loose = "fastimport.unpackLimit=100"  # or else a repository may ask for a pack of its own for each note
    status, _, said = repository.attempt(
        "-c", loose, "fast-import", "--quiet", "--done", stdin=start.encode() + changes + b"done\n", env=identity
    )
    return status, said
