"""Makes the worktrees of an orchestration, takes what agents did in them into commits, and removes them again."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from gatekeeper.edges.apply_journal import parents_of
from gatekeeper.edges.attempts import Attempt, Attempts
from gatekeeper.edges.commit_writer import write_commit
from gatekeeper.edges.gathering import LARGE, Changed, Gathered, changes, gather, line_totals, with_changes
from gatekeeper.edges.git import GitError, Repository
from gatekeeper.edges.places import repository_folder
from gatekeeper.edges.run_folders import RunFolder, part
from gatekeeper.edges.worktree_entries import destroy, entries_of, remove_entry
from gatekeeper.formats.lane_paths import in_lane
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.orchestration import Landing

_TRAILER = re.compile(r"[A-Za-z][A-Za-z-]*: ")

REFERENCES = "refs/gatekeeper/orchestrations"


def reference(run: str, workstream: str, attempt: int, kind: str) -> str:
    """The reference to what an attempt brought: `kind` is "work" for the commit of its lane, "saved" for everything."""
    return f"{REFERENCES}/{run}/{part(workstream)}/{attempt}/{kind}"


class Worktrees:
    """The worktrees of one orchestration; every method may be called from any thread."""

    def __init__(self, repository: Repository, run: RunFolder) -> None:
        self._repository = repository.holding(run.lock)
        self._run = run
        self._attempts = Attempts(run.folder)
        self._notes: dict[tuple[str, int], tuple[str, ...]] = {}

    def make(self, workstream: str, attempt: int, commit: str) -> Path:
        """Lay a commit out in a worktree of its own, on no branch; tells the folder.

        Git's own entry is made by one caller at a time, the files are laid out by all at once. Raises
        `GatekeeperError` where the attempt has a worktree already, or where Git cannot make it.
        """
        place = self._run.place(workstream, attempt)
        if self._attempts.read(workstream, attempt) or place.exists():
            raise GatekeeperError(f"attempt {attempt} at {phrase(workstream)} has a worktree already: {place}")
        record = Attempt(workstream, attempt, commit, str(place))
        self._attempts.write(record)
        try:
            with self._alone():
                adding = ("worktree", "add", "--detach", "--no-checkout", "--force", "--", str(place), commit)
                self._repository.run(*adding)
            entry = (place / ".git").read_text("utf-8", "surrogateescape").removeprefix("gitdir:").strip()
            inner = Repository(str(place), entry, self._repository.common_dir, self._run.lock)
            inner.run("read-tree", "--reset", "-u", commit, env={"GIT_INDEX_FILE": f"{entry}/index"})
            self._attempts.keep_index(record, Path(entry, "index"))
        except (GitError, OSError) as error:
            self._discard(record)
            raise GatekeeperError(
                f"no worktree could be made for {phrase(workstream)}: {error}", "make room, and look at `git fsck`"
            ) from error
        self._attempts.write(replace(record, entry=entry, ready=True))
        return place

    def collect(
        self, workstream: str, attempt: int, lane: Sequence[str], litter: Sequence[str], message: str
    ) -> Landing:
        """Take what lies in a worktree into a commit on top of the one that it was made from.

        The commit holds the changes inside the lane, another one everything; both get references. What the agent
        committed itself counts as what lies in its worktree. Raises `GatekeeperError` where nothing can be saved; the
        worktree then stays.
        """
        record = self._attempts.read(workstream, attempt)
        if record is None:
            raise GatekeeperError(f"there is no worktree of attempt {attempt} at {phrase(workstream)}")
        place = Path(record.place)
        if place.is_symlink() or not place.is_dir():
            return self._landed(record, Landing(""), ("the agent has removed its worktree",))
        texts = (message, f"Save what lay in the worktree of {phrase(workstream)}")
        try:
            landing, gathered, notes = self._take(record, (lane, litter), texts)
        except (GitError, OSError) as error:
            landing, gathered, notes = self._salvage(record, litter, texts[1], error)
        unread = tuple(
            f"{phrase(path)} cannot be read; it stays in {self._run.folder}/kept" for path in gathered.missing
        )
        return self._landed(replace(record, kept=bool(unread)), landing, (*gathered.notes, *notes, *unread))

    def notes(self, workstream: str, attempt: int) -> tuple[str, ...]:
        """What is worth knowing of what was collected."""
        return self._notes.get((workstream, attempt), ())

    def remove(self, workstream: str, attempt: int) -> None:
        """Remove a worktree; raises `GatekeeperError` before its work was saved. A removed one may be removed again."""
        record = self._attempts.read(workstream, attempt)
        if record is None:
            return
        if not record.collected:
            raise GatekeeperError(
                f"the work of attempt {attempt} at {phrase(workstream)} is not saved yet", f"look into {record.place}"
            )
        self._discard(record)

    def set_aside(self) -> tuple[str, ...]:
        """Once no worktree is left, keep what agents wrote beside theirs; tells what, and where it lies then."""
        with self._alone():
            names = sorted(place.name for place in (self._run.folder / "worktrees").iterdir())
            if not names or self._attempts.all():
                return ()
            kept = self._run.folder / "kept"
            kept.mkdir(exist_ok=True)
            for name in names:
                number = sum(place.name.startswith("beside.") for place in kept.iterdir()) + 1
                (self._run.folder / "worktrees" / name).rename(kept / f"beside.{number}")
        return (f"{phrase(', '.join(names))} was written beside the worktrees; it lies in {kept}",)

    def sweep(self) -> tuple[str, ...]:
        """Save what lies in every worktree that is left, and remove them; tells what was saved, and where."""
        told = []
        for record in self._attempts.all():
            name = f"{phrase(record.workstream)}, attempt {record.attempt}"
            try:
                if record.ready and not record.collected:
                    landing = self.collect(record.workstream, record.attempt, (), (), "")
                    if landing.saved:
                        count = len(landing.outside)
                        files = f"{count} changed file{'s' * (count != 1)}"
                        saved = reference(self._run.name, record.workstream, record.attempt, "saved")
                        told.append(f"{name}: {files} saved as {landing.saved[:9]} ({saved})")
                self._discard(self._attempts.read(record.workstream, record.attempt) or record)
            except (GatekeeperError, OSError) as error:
                told.append(f"{name}: its worktree stays, {error}: {phrase(record.place)}")
        return (*told, *self.set_aside())

    def _take(
        self, record: Attempt, rules: tuple[Sequence[str], Sequence[str]], texts: tuple[str, str]
    ) -> tuple[Landing, Gathered, tuple[str, ...]]:
        """The landing of an attempt whose Git is sound."""
        lane, litter = rules
        inner = self._inner(record)
        index = self._attempts.fresh_index(record)
        if not index.exists():
            inner.run("read-tree", record.base, env={"GIT_INDEX_FILE": str(index)})
        gathered = gather(inner, record.base, index, litter)
        changed = changes(inner, inner.tree(record.base), gathered.tree)
        inside, outside, notes = _sorted_out(Path(record.place), changed, lane)
        tree = gathered.tree if not outside else inner.tree(record.base)
        if inside and outside:
            tree = with_changes(inner, record.base, inside, index.with_suffix(".lane"))
        landing = Landing(
            write_commit(inner, tree, (record.base,), self._text(record, texts[0])) if inside else "",
            tuple(change.path for change in inside), tuple(change.path for change in outside),
            *(line_totals(inner, record.base, tree) if inside else (0, 0)),
        )  # fmt: skip
        own = self._own_commits(inner, record)
        saved = landing.commit if tree == gathered.everything and not own else ""
        if not saved and (own or gathered.everything != inner.tree(record.base)):
            text = self._text(record, texts[1])
            saved = write_commit(inner, gathered.everything, (record.base, *own), text)
        return replace(landing, saved=saved), gathered, notes

    def _salvage(
        self, record: Attempt, litter: Sequence[str], text: str, reason: Exception
    ) -> tuple[Landing, Gathered, tuple[str, ...]]:
        """Save all files of a worktree as a commit that stands on nothing."""
        inner, index = self._inner(record), self._attempts.fresh_index(record)
        index.unlink(missing_ok=True)
        try:
            gathered = gather(inner, "", index, litter)
            saved = write_commit(inner, gathered.everything, (), self._text(record, text))
        except (GitError, OSError) as error:
            raise GatekeeperError(
                f"the work on {phrase(record.workstream)} cannot be saved: {error}", f"it lies in {record.place}"
            ) from error
        note = (
            f"what the work stands on is damaged, so all files of the worktree are saved, and none is taken: {reason}"
        )
        return Landing("", saved=saved), gathered, (note,)

    def _landed(self, record: Attempt, landing: Landing, notes: tuple[str, ...]) -> Landing:
        """Note what was collected, in references first."""
        names = (("work", landing.commit), ("saved", landing.saved))
        lines = [
            f"update {reference(self._run.name, record.workstream, record.attempt, kind)} {commit}\n"
            for kind, commit in names
            if commit
        ]
        if lines:
            self._repository.run("update-ref", "--stdin", stdin="".join(lines).encode())
        heads = self._attempts.heads(record)
        self._attempts.write(replace(record, collected=True, heads=heads))
        self._notes[record.workstream, record.attempt] = notes
        return landing

    def _own_commits(self, inner: Repository, record: Attempt) -> tuple[str, ...]:
        """The commit that the agent itself has come to, if it is another than it began with."""
        try:
            head = Path(record.entry, "HEAD").read_text("ascii", "replace").strip()
        except OSError:
            return ()
        commit = inner.commit(head.removeprefix("ref: "))
        if commit is None or commit == record.base:
            return ()
        return () if inner.attempt("merge-base", "--is-ancestor", commit, record.base)[0] == 0 else (commit,)

    def _inner(self, record: Attempt) -> Repository:
        """The user's repository with the worktree of an attempt as its working tree; what it runs is looked up anew."""
        return Repository(record.place, self._repository.git_dir, self._repository.common_dir, self._run.lock)

    def _text(self, record: Attempt, message: str) -> str:
        text = message.strip() or f"Work on {phrase(record.workstream)}"
        *_, last = text.split("\n\n")
        joins = last != text and all(_TRAILER.match(line) for line in last.splitlines())
        between = "\n" if joins else "\n\n"
        return f"{text}{between}Workstream: {phrase(record.workstream)}\nRun: {self._run.name}\n"

    def _discard(self, record: Attempt) -> None:
        """Remove a worktree, Git's entry of it, and the record; each step may be done again."""
        place = Path(record.place)
        if record.kept and place.is_dir():
            (self._run.folder / "kept").mkdir(exist_ok=True)
            place.rename(self._run.folder / "kept" / place.name)
        destroy(place)
        with self._alone():
            for entry in entries_of(self._repository.common_dir, place):
                remove_entry(entry)
        self._attempts.forget(record)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold off every other thread and process that would make or remove a worktree of this repository."""
        with (repository_folder(self._repository.common_dir) / "worktrees.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


@dataclass
class _Sorting:
    inside: list[Changed]
    outside: list[Changed]
    notes: list[str]


def _sorted_out(
    top: Path, changed: Sequence[Changed], lane: Sequence[str]
) -> tuple[list[Changed], list[Changed], tuple[str, ...]]:
    """The changes inside a lane and those beside it; a file too large to be work counts as beside."""
    found = _Sorting([], [], [])
    for change in changed:
        place = top / change.path
        large = change.mode.startswith("100") and place.is_file() and place.lstat().st_size > LARGE
        if large:
            found.notes.append(f"{phrase(change.path)} is larger than {LARGE >> 20} MiB; it is saved, and not taken")
        (found.inside if in_lane(change.path, lane) and not large else found.outside).append(change)
    barred = {change.path for change in found.outside}
    above = {parent for path in barred for parent in parents_of(path)}
    # a file cannot take the place of a folder of which something stays, nor a folder that of a file
    meeting = [change for change in found.inside if change.path in above or barred & set(parents_of(change.path))]
    inside = [change for change in found.inside if change not in meeting]
    return inside, sorted([*found.outside, *meeting], key=lambda change: change.path), tuple(found.notes)
