"""Makes frozen records in a twentieth of the time that the standard library takes, as every run has many.

`dataclasses.dataclass(frozen=True)` writes and compiles six methods for each class: half a millisecond to a whole one,
and a run has 150 such classes, for which each commit waits. Here all records share their methods;
`__init__` is compiled for those of which many are made, and what `dataclasses` tells of the fields is found out when
somebody asks for it first. What is made is a dataclass to whoever asks: `fields`, `replace` and `asdict` work on it.

Even to import `dataclasses` takes as long as a hundred such classes, as it brings `inspect`, `ast` and `dis`. So
`field` and `replace` are here as well, and nothing that every run needs takes them from there.
"""

from __future__ import annotations

from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass, field, replace
else:

    def dataclass(*, frozen: bool, slots: bool = False) -> Any:
        """The decorator, for `frozen=True` and plain fields alone. Raises TypeError for all else.

        Without slots a record can keep what is worked out of it, as `functools.cached_property` does.
        """
        if not frozen:
            raise TypeError("this makes frozen records; the one of the standard library makes others")
        return partial(_made, slots=slots)

    def field(*, default_factory: Callable[[], Any]) -> Any:
        """What stands behind the annotation of a field whose default is made for each record."""
        return _Fresh(default_factory)

    def replace(record: Any, /, **changes: Any) -> Any:
        """The record with other values in some fields; one of the standard library's is left to that."""
        kind = type(record)
        if not hasattr(kind, "_defaults"):
            import dataclasses  # noqa: PLC0415 - its record is there, so it is as well

            return dataclasses.replace(record, **changes)
        return kind(**{name: getattr(record, name) for name in kind._defaults} | changes)


__all__ = ["dataclass", "field", "replace"]

_NOTHING = object()
_FEW = 64
_set = object.__setattr__
_TOLD = ("__dataclass_fields__", "__dataclass_params__")


class _Late:
    """An attribute of a class that is made when it is read first, and then stands in this one's place."""

    def __init__(self, name: str, make: Callable[[type], Any]) -> None:
        self._name = name
        self._make = make
        self._kind: Any = None

    def __set_name__(self, kind: type, name: str) -> None:
        self._kind = kind

    def __get__(self, record: object, kind: type | None = None) -> Any:
        setattr(self._kind, self._name, self._make(self._kind))
        return getattr(self._kind if record is None else record, self._name)


class _LateInitialiser(_Late):
    """`__init__`, which fills the first few records by itself: to compile it takes as long as a hundred of them."""

    def __init__(self) -> None:
        super().__init__("__init__", _initialiser)
        self._left = _FEW

    def __get__(self, record: object, kind: type | None = None) -> Any:
        if record is None or self._left <= 0:
            return super().__get__(record, kind)
        self._left -= 1
        return partial(_fill, record)


def _made(plain: type, *, slots: bool) -> Any:
    """The class anew: with slots in place of its annotated attributes, or with their defaults alone."""
    inherited = _inherited(plain)
    own = [name for name, kind in vars(plain).get("__annotations__", {}).items() if "ClassVar" not in str(kind)]
    known = {**inherited, **{name: _default(plain, vars(plain).get(name, _NOTHING)) for name in own}}
    shown = {name: known[name] for name in own if not (slots or known[name] is _NOTHING)}
    return type(plain)(
        plain.__name__,
        plain.__bases__,
        {
            "__init__": _LateInitialiser(),
            **{f"_{method.__name__}__": method for method in (_repr, _eq, _hash, _setattr, _delattr)},
            **(_slotted(own, inherited) if slots else {}),
            **{name: value for name, value in vars(plain).items() if name not in (*own, "__dict__", "__weakref__")},
            **{name: value for name, value in shown.items() if not isinstance(value, _Fresh)},
            "__qualname__": plain.__qualname__,
            "__match_args__": tuple(known),
            **{name: _Late(name, partial(_asked, plain, name)) for name in _TOLD},
            "_defaults": known,
            "_values": staticmethod(attrgetter(*known, "__class__")),
        },
    )


def _slotted(own: list[str], inherited: dict[str, Any]) -> dict[str, Any]:
    """What a class has for its slots; without them Python copies and pickles all that a record holds by itself."""
    slots = tuple(name for name in own if name not in inherited)
    return {"__slots__": slots, "__getstate__": _getstate, "__setstate__": _setstate}


class _Fresh:
    """A default that is made for each record."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


def _default(plain: type, given: Any) -> Any:
    """The default of a field, from what stands behind its annotation."""
    if type(given).__module__ != "dataclasses":
        return given
    import dataclasses  # noqa: PLC0415 - where there is a field of its making, it is there

    if not (given.init and given.repr and given.compare) or given.kw_only is True:
        raise TypeError(f"{plain.__qualname__} has a field of a kind that this does not make")
    if given.default_factory is not dataclasses.MISSING:
        return _Fresh(given.default_factory)
    return _NOTHING if given.default is dataclasses.MISSING else given.default


def _inherited(plain: type) -> dict[str, Any]:
    """The defaults of the fields of the classes below, which are of this making or have no fields."""
    found: dict[str, Any] = {}
    for kind in reversed(plain.__mro__[1:]):
        own = vars(kind).get("_defaults")
        if own is None and "__dataclass_fields__" in vars(kind):
            raise TypeError(f"{plain.__qualname__} has a base that is made by the standard library")
        found |= own or {}
    return found


def _asked(plain: type, name: str, kind: Any) -> Any:
    """What `dataclasses` notes of a class, found out on the class as it was written."""
    import dataclasses  # noqa: PLC0415 - hardly any run asks

    for own in vars(plain).get("__annotations__", {}):
        if isinstance(kind._defaults.get(own), _Fresh):
            setattr(plain, own, dataclasses.field(default_factory=kind._defaults[own].make))
    return getattr(dataclasses.dataclass(init=False, repr=False, eq=False)(plain), name)


def _fill(record: Any, /, *values: Any, **named: Any) -> None:
    """What the compiled `__init__` does, which also says what is wrong with the arguments."""
    kind = type(record)
    given = dict(zip(kind._defaults, values, strict=False)) | named
    left = len(values) + len(named)
    for name, default in kind._defaults.items():
        if name in given:
            left -= 1
            _set(record, name, given[name])
        elif default is _NOTHING:
            left = -1
            break
        else:
            _set(record, name, default.make() if type(default) is _Fresh else default)
    if left:
        _initialiser(kind)(record, *values, **named)
        return
    if hasattr(kind, "__post_init__"):
        record.__post_init__()


def _initialiser(kind: Any) -> Any:
    """`__init__` with the fields as its parameters, in their order and with their defaults."""
    known: dict[str, Any] = {"_set": _set, "_NOTHING": _NOTHING}
    heads, body = ["self"], []
    for number, (name, default) in enumerate(kind._defaults.items()):
        head, value = name, name
        if isinstance(default, _Fresh):
            known[f"_make{number}"] = default.make
            head += "=_NOTHING"
            value = f"_make{number}() if {name} is _NOTHING else {name}"
        elif default is not _NOTHING:
            known[f"_default{number}"] = default
            head += f"=_default{number}"
        heads.append(head)
        body.append(f"_set(self, {name!r}, {value})")
    if hasattr(kind, "__post_init__"):
        body.append("self.__post_init__()")
    text = f"def __init__({', '.join(heads)}):\n    " + "\n    ".join(body or ["pass"])
    exec(text, known)  # noqa: S102 - of names of fields alone, as the standard library does it
    made = known["__init__"]
    made.__qualname__ = f"{kind.__qualname__}.__init__"
    made.__module__ = kind.__module__
    return made


def _repr(self: Any) -> str:
    inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._defaults)
    return f"{type(self).__qualname__}({inside})"


def _eq(self: Any, other: Any) -> Any:
    return self._values(self) == self._values(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _setattr(self: object, name: str, value: object) -> None:
    import dataclasses  # noqa: PLC0415 - for a mistake alone

    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(self: object, name: str) -> None:
    import dataclasses  # noqa: PLC0415 - for a mistake alone

    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Any) -> list[Any]:
    return [getattr(self, name) for name in self._defaults]


def _setstate(self: Any, state: list[Any]) -> None:
    for name, value in zip(self._defaults, state, strict=True):
        _set(self, name, value)
