"""Carries what tests cover from the tree in which it was seen to the head, where lines have moved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.model.selection import Covered

OUTSIDE = ""
"""The name under which there is what no test that was left out is known to cover."""

_Places = frozenset[tuple[int, ...]]
_Moved = Callable[[int], int | None]


def carried(covered: Covered, files: Iterable[FileChange], reused: Collection[str]) -> Covered:
    """What the reused tests cover in the head; all else that was covered is put under the name `OUTSIDE`.

    A reused test runs nothing that changed, so that each of its lines stands in the head, at the same place or at
    another one. Should one of them be gone nevertheless, the answer is not whole.
    """
    moves = dict(_moves(files))
    kept = frozenset(reused)
    found: dict[str, dict[str, _Places]] = {}
    whole = covered.whole
    for test, places in covered.by.items():
        for path, old in places.items():
            new = _moved(old, moves[path]) if path in moves else old
            owner = test if test in kept else OUTSIDE
            whole = whole and (owner == OUTSIDE or len(new) == len(old))
            if new:
                own = found.setdefault(owner, {})
                own[path] = own.get(path, frozenset()) | new
    return Covered(covered.settings, covered.branches, found, whole)


def renewed(before: Covered | None, now: Covered | None, left_out: Collection[str]) -> Covered | None:
    """What is known after a run: what it saw, and of the tests that it left out what was `carried` to its tree.

    What was covered before, by nobody who was left out, and was not seen again, stays under the name `OUTSIDE`: one of
    the tests that were left out may cover it.
    """
    if now is None or not left_out:
        return now
    if before is None or (before.settings, before.branches) != (now.settings, now.branches):
        return None
    by = {test: before.by[test] for test in left_out if test in before.by}
    certain = _together([*now.by.values(), *by.values()])
    unsure = {path: places - certain.get(path, frozenset()) for path, places in before.by.get(OUTSIDE, {}).items()}
    outside = _together([now.by.get(OUTSIDE, {}), {path: places for path, places in unsure.items() if places}])
    return Covered(now.settings, now.branches, {**now.by, **by, OUTSIDE: outside}, before.whole)


def _together(each: Iterable[Mapping[str, _Places]]) -> dict[str, _Places]:
    found: dict[str, set[tuple[int, ...]]] = {}
    for files in each:
        for path, places in files.items():
            found.setdefault(path, set()).update(places)
    return {path: frozenset(places) for path, places in found.items()}


def _moves(files: Iterable[FileChange]) -> Iterable[tuple[str, _Moved]]:
    """For each file that differs, where its lines stand now."""
    for file in files:
        if file.kind is ChangeKind.MODIFIED and file.text is not None and file.base_text is not None:
            yield file.path, _follow(file.base_text, file.text)
        else:
            for path in (file.path, file.old_path):
                if path:
                    yield path, _nowhere


def _follow(old: str, new: str) -> _Moved:
    """Where lines of one text stand in another one; the texts are taken apart when the first line is asked for."""

    @cache
    def moved() -> Mapping[int, int]:
        from gatekeeper.formats.code_units import read_units  # noqa: PLC0415 - only where code changed

        return read_units(old).moved(read_units(new))

    return lambda line: moved().get(line)


def _nowhere(line: int) -> int | None:
    return None


def _moved(places: _Places, move: _Moved) -> _Places:
    found = set()
    for place in places:
        new = tuple(_end(number, move) for number in place)
        if None not in new:
            found.add(tuple(number for number in new if number is not None))
    return frozenset(found)


def _end(number: int, move: _Moved) -> int | None:
    """One end of a branch; where it leaves a block or enters it, this is the block's first line, below zero."""
    if number > 0:
        return move(number)
    new = move(-number)
    if new is None:
        return number if number in (0, -1) else None  # that of a module, which begins with a comment
    return -new
