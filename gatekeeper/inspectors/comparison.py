"""Compares the interface of two trees: what was defined, changed, broken and removed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatekeeper.inspectors.breaks import Break, class_breaks, parameter_breaks
from gatekeeper.inspectors.definitions import Defined
from gatekeeper.inspectors.docstrings import documented_parameters
from gatekeeper.inspectors.names_only import NamesOnly
from gatekeeper.inspectors.sides import Side
from gatekeeper.inspectors.surface import Surface
from gatekeeper.model.frozen import dataclass

_COPIES_DOCS = re.compile(r"doc|appender|substitution|^wraps$", re.IGNORECASE)
_ACCESSORS = frozenset({"overload", "setter", "deleter"})


@dataclass(frozen=True, slots=True)
class Touched:
    """A public definition that the change brought or altered, with what its documentation lacks.

    `state` is "added", "changed" (its signature), "undocumented" (it lost its docstring), "same" or "present" (where
    no base is compared). `exempt` says why no docstring is asked of it, if so. `unknown` are documented parameters
    that it does not have, `missing` are those that it has and its parameter section leaves out.
    """

    name: str
    kind: str
    path: str
    line: int
    state: str
    documented: bool
    exempt: str
    no_doc: str | None
    has_section: bool
    unknown: tuple[str, ...]
    missing: tuple[str, ...]


class Comparison:
    """What differs between the interfaces of `base` and `head`."""

    def __init__(self, base: Side, head: Side, scope: str) -> None:
        self._base = base
        self._head = head
        self._scope = scope
        self._old = base.definitions()
        self._new = head.definitions()
        self._gone_by_digest: dict[str, str] = {}
        self._gone_by_name: dict[str, str] = {}
        self._same_text: dict[tuple[str, str], str] = {}
        for place, defined in self._old.items():
            if defined.docstring:
                self._same_text.setdefault((defined.digest, defined.docstring), place)
            if place not in self._new:
                self._gone_by_digest[defined.digest + defined.last_name] = place
                self._gone_by_name.setdefault(defined.name, place)

    def touched(self) -> Iterator[Touched]:
        """The public definitions of the changed files that say something about their documentation."""
        for place, defined in self._new.items():
            if self._counts(self._head, place, defined):
                yield self._touched(place, defined)

    def _counts(self, side: Side, place: str, defined: Defined) -> bool:
        if self._scope == "all":
            return not any(part.startswith("_") for part in defined.name.split(".")) or defined.is_dunder
        return place in side.surface.public

    def _forerunner(self, place: str, defined: Defined) -> tuple[Defined | None, bool]:
        """The definition of the base that this one was, here or before a move, and whether it was public.

        One that only got another name, while something else took the old one, is found by its code and its docstring.
        """
        if place in self._old:
            former = place
        else:
            moved = self._gone_by_digest.get(defined.digest + defined.last_name)
            renamed = self._same_text.get((defined.digest, defined.docstring), "")
            former = moved or self._gone_by_name.get(defined.name, renamed)
        old = self._old.get(former)
        return old, old is not None and self._counts(self._base, former, old)

    def _touched(self, place: str, defined: Defined) -> Touched:
        old, was_public = self._forerunner(place, defined)
        state = "present" if self._head.whole else _state(old if was_public else None, defined)
        known = documented_parameters(defined.docstring) if defined.docstring else ()
        unknown, missing = _drift(old, defined, known, self._about_class(place, defined))
        return Touched(
            name=defined.name,
            kind=defined.kind,
            path=self._head.path_of(place),
            line=defined.line,
            state=state,
            documented=bool(defined.docstring.strip()),
            exempt="" if defined.docstring.strip() or state == "same" else self._exempt(place, defined),
            no_doc=defined.no_doc,
            has_section=bool(known) and defined.parameters is not None and (old is None or _drifts(old, defined)),
            unknown=unknown,
            missing=missing,
        )

    def _about_class(self, place: str, defined: Defined) -> frozenset[str]:
        """The parameters of an `__init__` that the docstring of its class tells about."""
        owner = self._new.get(place.rpartition(".")[0]) if defined.last_name == "__init__" else None
        return frozenset(documented_parameters(owner.docstring)) if owner else frozenset()

    def _exempt(self, place: str, defined: Defined) -> str:
        marks = {decorator.rpartition(".")[2] for decorator in defined.decorators}
        why = {
            "special method": defined.is_dunder,
            "overload or accessor": bool(marks & _ACCESSORS),
            "for type checkers only": defined.for_types_only,
            "override": "override" in marks,
            "documented by a decorator": self._is_handed_docs(place, defined, marks),
        }
        for reason, holds in why.items():
            if holds:
                return reason
        if defined.kind == "method" and self._head.surface.inherits_documentation(place):
            return "overrides a documented method"
        return ""

    def _is_handed_docs(self, place: str, defined: Defined, marks: set[str]) -> bool:
        """Whether a decorator brings the documentation: by its name, or as it is given the documented twin."""
        module = place.removesuffix(defined.name)
        handed = (self._new.get(module + name) for name in defined.handed)
        copied = (other for other in handed if other and other.docstring and defined.last_name in other.last_name)
        return any(copied) or any(_COPIES_DOCS.search(mark) for mark in marks)

    def breaks(self) -> tuple[tuple[Break, ...], tuple[tuple[str, ...], ...]]:
        """What a user of the base would stumble over, and the public names of each object that is gone."""
        found: list[Break] = []
        gone: list[tuple[str, ...]] = []
        lost: set[str] = set()
        for place, paths in sorted(self._base.surface.public.items()):
            target = self._head.surface.place_of(shortest(paths))
            if target is not None or self._base.path_of(place) in self._head.surface.broken:
                found += self._changed(place, target or place, paths)
                continue
            removal = self._removal(place, paths)
            above = [path for path in (place, *paths) if path.rpartition(".")[0] in lost]
            found += [] if above else [removal]  # what went away with its module or class is told by that
            if removal.hard and not any(self._base.surface.is_class(path.rpartition(".")[0]) for path in above):
                gone.append(tuple(paths))
            lost.update((place, *paths))
        return tuple(found), tuple(paths for paths in gone if not self._lives_on(paths))

    def _changed(self, place: str, target: str, paths: list[str]) -> list[Break]:
        old, new = self._old.get(place), self._new.get(target)
        if old is None or new is None or (old.digest == new.digest and old.bases == new.bases):
            return []
        where = (shortest(paths), self._head.path_of(target), new.line)
        if old.kind == "class" and new.kind == "class":
            ancestors = self._head.surface.ancestors(target)
            return class_breaks(old, new, where, ancestors)
        return parameter_breaks(old, new, where)

    def _removal(self, place: str, paths: list[str]) -> Break:
        name = shortest(paths)
        above = place.rpartition(".")[0]
        path = self._head.path_of(above) or self._base.path_of(place)
        owner = self._new.get(above)
        why = self._softness(place, paths)
        return Break(name, "removed", why, hard=not why, path=path, line=owner.line if owner else None)

    def _softness(self, place: str, paths: list[str]) -> str:
        """Why a removed name hurts nobody, or may not; "" for a plain removal."""
        if self._head.surface.is_served(shortest(paths)):
            return "may still be served by a base class or by __getattr__"
        last = place.rpartition(".")[2]
        if last.startswith("__") and last.endswith("__"):
            return "special name"
        return self._base.surface.weakness(shortest(paths))

    def _lives_on(self, paths: tuple[str, ...]) -> bool:
        """Whether the name stands elsewhere in the public interface, so that docs may mean that one."""
        tails = {_tail(path, self._base.surface) for path in paths}
        return any(
            _tail(path, self._head.surface) in tails for found in self._head.surface.public.values() for path in found
        )


def _tail(path: str, surface: Surface | NamesOnly) -> str:
    """The end of a public name that people write: `name`, or `Class.name` for what stands in a class."""
    above, _, name = path.rpartition(".")
    return f"{above.rpartition('.')[2]}.{name}" if surface.is_class(above) else name


def shortest(paths: list[str] | tuple[str, ...]) -> str:
    """The public name with the fewest parts, which is the one that people import."""
    return min(paths, key=lambda path: (path.count("."), path))


def _state(old: Defined | None, new: Defined) -> str:
    if old is None:
        return "added"
    if old.parameters is not None and new.parameters is not None and old.parameters != new.parameters:
        return "changed"
    return "undocumented" if old.docstring and not new.docstring else "same"


def _drifts(old: Defined, new: Defined) -> bool:
    return old.docstring != new.docstring or old.parameters != new.parameters


def _drift(
    old: Defined | None, new: Defined, documented: tuple[str, ...], elsewhere: frozenset[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The documented names that do not exist and the parameters without a description, as far as the change did it."""
    if not documented or new.parameters is None:
        return (), ()
    names = [parameter.name for parameter in new.parameters]
    before = {parameter.name for parameter in old.parameters or ()} if old else set()
    told = set(documented_parameters(old.docstring)) if old else set()
    takes_any = any(parameter.kind == "variadic keyword" for parameter in new.parameters)
    unknown = [] if takes_any else [name for name in documented if name not in names]
    unknown = [name for name in unknown if name not in told or name in before]
    missing = [
        parameter.name
        for parameter in new.parameters
        if parameter.name not in before | set(documented) | elsewhere
        and not parameter.kind.startswith("variadic")
        and not parameter.name.startswith("_")
        and not re.search(rf"[*`]{parameter.name}[*`]", new.docstring)
    ]
    return tuple(unknown), tuple(missing)
