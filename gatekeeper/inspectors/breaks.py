"""Tells what a changed signature or a changed class breaks for those who use it."""

from __future__ import annotations

from collections.abc import Iterator

from gatekeeper.inspectors.definitions import Defined, Parameter
from gatekeeper.model.frozen import dataclass

_POSITIONAL = ("positional only", "positional or keyword")
_NO_LOSS = frozenset({"object", "Generic", "Protocol", "ABC", ""})

Where = tuple[str, str, int]
"""A public name, the path of its file, and its line."""


@dataclass(frozen=True, slots=True)
class Break:
    """One thing of the public interface that changed: the public name, what happened, and whether it breaks callers.

    `detail` names the parameter or base class, or says why a break is a soft one.
    """

    name: str
    what: str
    detail: str
    hard: bool
    path: str
    line: int | None


def class_breaks(old: Defined, new: Defined, where: Where, ancestors: frozenset[str]) -> list[Break]:
    """The base classes that a class lost, counting those as kept that it has through another.

    Where one took the place of another, the new one may well be of the same family, so that nothing is said.
    """
    if len(new.bases) >= len(old.bases):
        return []
    kept = {base.rpartition(".")[2] for base in new.bases} | {name.rpartition(".")[2] for name in ancestors}
    lost = [base for base in old.bases if base.rpartition(".")[2] not in kept | _NO_LOSS]
    lost = [base for base in lost if not base.rpartition(".")[2].startswith("_")]
    return [Break(where[0], "base class removed", base, hard=True, path=where[1], line=where[2]) for base in lost]


def parameter_breaks(old: Defined, new: Defined, where: Where) -> list[Break]:
    """What a call that was right for the old signature meets in the new one."""
    if old.parameters is None or new.parameters is None or old.kind == "class" or new.kind == "class":
        return []
    if (old.decorators != new.decorators) and "property" in " ".join((*old.decorators, *new.decorators)):
        return []
    return [
        Break(where[0], what, parameter.name, _is_hard(parameter, old, new), path=where[1], line=where[2])
        for what, parameter in _differences(old.parameters, new.parameters)
    ]


def _is_hard(parameter: Parameter, old: Defined, new: Defined) -> bool:
    """Whether the difference breaks callers: not for private names, nor where `**kwargs` gave way to named ones."""
    if parameter.kind == "variadic keyword":
        return not {p.name for p in new.parameters or ()} - {p.name for p in old.parameters or ()}
    return not parameter.name.startswith("_")


def _differences(old: tuple[Parameter, ...], new: tuple[Parameter, ...]) -> Iterator[tuple[str, Parameter]]:
    kinds = {parameter.kind for parameter in new}
    found = {parameter.name: (index, parameter) for index, parameter in enumerate(new)}
    for index, parameter in enumerate(old):
        if parameter.name not in found:
            if not _is_swallowed(parameter, kinds) and not _is_renamed_in_place(index, parameter, new):
                yield "parameter removed", parameter
            continue
        place, now = found[parameter.name]
        yield from ((what, parameter) for what in _alterations(parameter, now, place != index, kinds))
    known = {parameter.name for parameter in old}
    for index, parameter in enumerate(new):
        if parameter.name not in known and parameter.required and not _was_renamed_in_place(index, parameter, old):
            yield "required parameter added", parameter


def _alterations(before: Parameter, now: Parameter, moved: bool, kinds: set[str]) -> Iterator[str]:
    """What happened to a parameter that kept its name."""
    if now.required and not before.required and not now.kind.startswith("variadic"):
        yield "parameter made required"
    if moved and before.kind in _POSITIONAL and now.kind in _POSITIONAL:
        yield "parameter moved"
    if _is_narrower(before.kind, now.kind, kinds):
        yield "parameter changed its kind"


def _is_swallowed(parameter: Parameter, kinds: set[str]) -> bool:
    """Whether `*args` and `**kwargs` of the new signature take what the lost parameter took."""
    needed = {
        "keyword only": {"variadic keyword"},
        "positional only": {"variadic positional"},
        "positional or keyword": {"variadic positional", "variadic keyword"},
    }
    return parameter.kind in needed and needed[parameter.kind] <= kinds


def _is_renamed_in_place(index: int, parameter: Parameter, new: tuple[Parameter, ...]) -> bool:
    """Whether only the name of a parameter changed whose name no call can give, or should."""
    if parameter.kind.startswith("variadic"):
        return any(now.kind == parameter.kind for now in new)
    return _is_nameless(parameter) and index < len(new) and new[index].kind in _POSITIONAL


def _was_renamed_in_place(index: int, parameter: Parameter, old: tuple[Parameter, ...]) -> bool:
    return index < len(old) and _is_nameless(old[index]) and parameter.kind in _POSITIONAL


def _is_nameless(parameter: Parameter) -> bool:
    """Whether calls give it by its place: where the name cannot be used, or begins with an underscore."""
    return parameter.kind == "positional only" or (parameter.kind in _POSITIONAL and parameter.name.startswith("_"))


def _is_narrower(before: str, now: str, kinds: set[str]) -> bool:
    if before == now or before.startswith("variadic"):
        return False
    if now == "variadic keyword":
        return before != "keyword only" and "variadic positional" not in kinds
    if now == "variadic positional":
        return before != "positional only" and "variadic keyword" not in kinds
    return now != "positional or keyword"
