"""Reads the modes and rules that a run can choose from: those that come with Gatekeeper, and those of a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from gatekeeper.edges.configuration_memory import recall, remember
from gatekeeper.edges.git import Repository
from gatekeeper.formats.config_errors import Problem, origin
from gatekeeper.formats.front_fields import Reading
from gatekeeper.formats.front_matter import SIZE_LIMIT, parsed_yaml
from gatekeeper.formats.located import Located
from gatekeeper.formats.mode_file import read_mode
from gatekeeper.formats.rule_file import read_rule
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.errors import UsageError
from gatekeeper.model.frozen import replace
from gatekeeper.model.mode import BUILT_IN, MODES, RULES, Mode
from gatekeeper.model.mode_library import Library
from gatekeeper.model.rules import RuleFile

_GUIDE = "README.md"  # a folder may explain itself
_Named = TypeVar("_Named", Mode, RuleFile)


def governing_library(repository: Repository, target: Target) -> Library:
    """The modes and rules for a target.

    Those of a range of commits are read from its base, so that a change does not choose its own judge. Those that the
    change brings must be sound nevertheless, or the next run would fail for everybody. Raises `UsageError` with all
    mistakes of all files.
    """
    if target.kind is not TargetKind.RANGE:
        return library_of(repository, target.head_tree)
    tree = repository.tree(target.policy) if target.policy else target.base_tree
    library = library_of(repository, tree)
    if _files(repository, tree) == _files(repository, target.head_tree):
        return library
    library_of(repository, target.head_tree)
    note = f"the change edits a file in {MODES} or {RULES}: that takes effect once it is merged"
    return replace(library, notes=(*library.notes, note))


def library_of(repository: Repository, tree: str) -> Library:
    """The built-in modes and rules with those of a tree. Raises `UsageError` with all mistakes of all files."""
    files = _files(repository, tree)
    wanted = {path: found for path, found in files.items() if _is_read(path)}
    contents = dict(zip(wanted, repository.contents(wanted.values(), SIZE_LIMIT), strict=True))
    if wanted:
        contents |= dict.fromkeys(contents.keys() & repository.links(tree))
    notes = [f"{origin(path, None)} is not read: {_WHY_NOT}" for path in files if not _is_read(path, guides=True)]
    problems: list[Problem] = []
    modes = _read_all(contents, MODES, read_mode, problems, notes)
    rules = _read_all(contents, RULES, read_rule, problems, notes)
    if problems:
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        lines = [f"the modes and rules of the repository have {count}", *map(str, problems)]
        raise UsageError("\n".join(lines), "docs/modes.md describes every key")
    built_in = built_in_library()
    own = {mode.name for mode in modes}
    shadowed = [mode for mode in built_in.modes if mode.name in own]
    notes += [f"the mode {mode.name} of the repository takes the place of the built-in one" for mode in shadowed]
    kept = [mode for mode in built_in.modes if mode.name not in own]
    notes += [_both(rule) for rule in rules if rule.name in built_in.rule_names]
    return Library((*kept, *modes), (*built_in.rules, *rules), tuple(notes))


@cache
def built_in_library() -> Library:
    """The modes and rules that come with Gatekeeper."""
    package = Path(__file__).parent.parent
    modes = [
        _sound(read_mode(file.read_bytes(), file.name, BUILT_IN, _remembered)) for file in _shipped(package / "modes")
    ]
    rules = [
        _sound(read_rule(file.read_bytes(), file.name, BUILT_IN, _remembered)) for file in _shipped(package / "rules")
    ]
    return Library(tuple(modes), tuple(rules))


def _remembered(text: str) -> Located:
    """What a YAML document holds, from an earlier run if one found nothing to complain of."""
    content = text.encode("utf-8", "surrogatepass")
    known = recall("", content)
    if known is None:
        known = parsed_yaml(text)
        if not known.problems:
            remember("", content, known)
    return known


_WHY_NOT = "modes and rules are files that end in .md, directly in their folder"


def _both(rule: RuleFile) -> str:
    return f"the rules {rule.name} of the repository hold beside the built-in ones: of two demands the stricter counts"


def _shipped(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.md"))


def _sound(reading: Reading[_Named]) -> _Named:
    if reading.record is None:
        raise ValueError("; ".join(map(str, reading.problems)))
    return reading.record


def _files(repository: Repository, tree: str) -> dict[str, str]:
    """The object of each file in the two folders of a tree, by path."""
    objects = repository.objects(tree)
    return {path: objects[path] for path in sorted(objects) if path.startswith((MODES, RULES))}


def _is_read(path: str, guides: bool = False) -> bool:
    """Whether a path is that of a mode or rule file; with `guides` also whether it is that of a README."""
    name = path.removeprefix(MODES).removeprefix(RULES)
    return name.endswith(".md") and "/" not in name and (guides or name != _GUIDE)


def _read_all(
    contents: Mapping[str, bytes | None],
    folder: str,
    read: Callable[[bytes, str], Reading[_Named]],
    problems: list[Problem],
    notes: list[str],
) -> list[_Named]:
    """What the files of a folder hold, adding to the problems and notes."""
    records: list[_Named] = []
    for path, content in contents.items():
        if not path.startswith(folder):
            continue
        if content is None:
            problems.append(Problem(path, None, "this cannot be read; it must be a regular file of at most 256 kB"))
            continue
        reading = read(content, path)
        problems += reading.problems
        notes += reading.notes
        if reading.record is not None:
            records.append(reading.record)
    problems += _twins(records)
    return records


def _twins(records: Iterable[_Named]) -> list[Problem]:
    """A problem for each record whose name another file has already."""
    first: dict[str, str] = {}
    found = []
    for record in records:
        if record.name in first:
            rival = origin(first[record.name], None)
            found.append(Problem(record.source, None, f"the name `{record.name}` is that of {rival} too; rename one"))
        first.setdefault(record.name, record.source)
    return found
