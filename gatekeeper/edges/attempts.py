"""Notes on the disk what worktrees an orchestration has made and how far each has come."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from gatekeeper.edges.fix_files import settle_folder, write_durably
from gatekeeper.edges.run_folders import part


@dataclass(frozen=True, slots=True)
class Attempt:
    """A worktree: its commit `base`, its folder `place`, and `entry`, the folder that Git keeps for it.

    `ready` once its files are laid out, `collected` once its work is saved; `kept` where files of it could not be read
    and the folder has to stay. `heads` are the commits that the agent itself has come to.
    """

    workstream: str
    attempt: int
    base: str
    place: str
    entry: str = ""
    ready: bool = False
    collected: bool = False
    kept: bool = False
    heads: tuple[str, ...] = ()


class Attempts:
    """The records of all worktrees that are not removed yet, and the commits that agents have come to in any."""

    def __init__(self, run: Path) -> None:
        self._folder = run / "attempts"
        self._heads = run / "heads"

    def read(self, workstream: str, attempt: int) -> Attempt | None:
        """The record of a worktree; None where there is none."""
        return _read(self._place(workstream, attempt))

    def all(self) -> tuple[Attempt, ...]:
        """All records, by name."""
        found = (_read(place) for place in sorted(self._folder.glob("*.json")))
        return tuple(record for record in found if record)

    def write(self, record: Attempt) -> None:
        """Note how far a worktree has come; it is on the disk then."""
        place = self._place(record.workstream, record.attempt)
        draft = place.with_suffix(".draft")
        write_durably(draft, json.dumps(asdict(record)).encode())
        draft.replace(place)
        settle_folder(self._folder)
        if record.heads:
            with self._heads.open("a", encoding="ascii") as file:
                file.write("".join(f"{head}\n" for head in record.heads))

    def keep_index(self, record: Attempt, index: Path) -> None:
        """Keep the index as it is before an agent begins: it tells unchanged files without reading them."""
        shutil.copy2(index, self._index(record))

    def fresh_index(self, record: Attempt) -> Path:
        """The place of an index that may be written, and that begins as the one that was kept, if one was."""
        working = self._index(record).with_suffix(".working")
        for rest in (working, working.with_suffix(".working.lock")):
            rest.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            shutil.copy2(self._index(record), working)  # with its time, by which Git tells what to read again
        return working

    def heads(self, record: Attempt) -> tuple[str, ...]:
        """The commits that the log of a worktree's HEAD names, its base apart."""
        try:
            lines = Path(record.entry, "logs", "HEAD").read_text("ascii", "replace").splitlines()
        except OSError:
            return ()
        found = dict.fromkeys(word for line in lines for word in line.split()[1:2] if word.isalnum())
        return tuple(head for head in found if head != record.base)

    def all_heads(self) -> frozenset[str]:
        """The commits that agents have come to in any worktree, those included in which they are at work."""
        try:
            collected = self._heads.read_text("ascii", "replace").split()
        except OSError:
            collected = []
        return frozenset((*collected, *(head for record in self.all() for head in self.heads(record))))

    def forget(self, record: Attempt) -> None:
        """Take a record away, with its indexes."""
        index = self._index(record)
        working = index.with_suffix(".working")
        place = self._place(record.workstream, record.attempt)
        for rest in (index, working, working.with_suffix(".lane"), place.with_suffix(".draft"), place):
            rest.unlink(missing_ok=True)

    def _index(self, record: Attempt) -> Path:
        return self._place(record.workstream, record.attempt).with_suffix(".index")

    def _place(self, workstream: str, attempt: int) -> Path:
        return self._folder / f"{part(workstream)}.{attempt}.json"


def _read(place: Path) -> Attempt | None:
    try:
        data = json.loads(place.read_bytes())
    except FileNotFoundError:
        return None
    return Attempt(**{**data, "heads": tuple(data["heads"])})
