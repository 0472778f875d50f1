"""Frozen records are what the standard library would have made of the same classes."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
import subprocess
import sys
from functools import cached_property
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.frozen import dataclass as quick
from gatekeeper.model.frozen import field, replace

usual = dataclasses.dataclass


class Plain:
    """Fields without and with defaults."""

    known: ClassVar[int] = 3
    name: str
    sizes: tuple[int, ...] = ()
    notes: dict[str, int] = dataclasses.field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name in capitals."""
        return self.name.upper()


class Checked:
    """One that looks at what it is given, and says itself how it is shown."""

    size: int

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("negative")

    def __repr__(self) -> str:
        return f"<{self.size}>"


class Empty:
    """No fields at all."""


@quick(frozen=True, slots=True)
class Kept:
    """One that can be found by its name, as pickling wants it."""

    name: str
    size: int = 1


@quick(frozen=True)
class Open:
    """One without slots, which keeps what it has worked out."""

    name: str
    size: int = dataclasses.field(default=1)
    notes: dict[str, int] = dataclasses.field(default_factory=dict)

    @cached_property
    def title(self) -> list[str]:
        """The name in capitals."""
        return [self.name.upper()]


def both(kind: type, compiled: bool = False) -> tuple[Any, Any]:
    """The class as the standard library makes it, and as we do; `compiled` as it is after a few records."""
    made = tuple(make(frozen=True, slots=True)(type(kind.__name__, (), dict(vars(kind)))) for make in (usual, quick))
    assert not compiled or inspect.signature(made[1].__init__)
    return made


@given(st.text(), st.lists(st.integers()).map(tuple), st.dictionaries(st.text(), st.integers()), st.booleans())
def test_values_are_taken_shown_and_compared_alike(
    name: str, sizes: tuple[int, ...], notes: dict[str, int], compiled: bool
) -> None:
    std, own = both(Plain, compiled)
    made = [(kind(name), kind(name, sizes, notes), kind(name=name, notes=notes)) for kind in (std, own)]
    for std_one, own_one in zip(*made, strict=True):
        assert std_one != own_one
        assert repr(std_one) == repr(own_one)
        assert dataclasses.asdict(std_one) == dataclasses.asdict(own_one)
        assert own_one == dataclasses.replace(own_one)
        assert (own_one == dataclasses.replace(own_one, name="x")) == (name == "x")
        assert own_one.title == std_one.title


def test_a_default_that_is_made_is_made_anew() -> None:
    _, own = both(Plain)
    assert own("a").notes is not own("a").notes


@pytest.mark.parametrize("kind", [Plain, Checked, Empty])
def test_the_class_looks_the_same_from_outside(kind: type) -> None:
    std, own = both(kind)
    assert [f.name for f in dataclasses.fields(own)] == [f.name for f in dataclasses.fields(std)]
    assert list(inspect.signature(own).parameters) == list(inspect.signature(std).parameters)
    assert (own.__slots__, own.__match_args__, own.__doc__) == (std.__slots__, std.__match_args__, std.__doc__)
    assert own.__init__.__qualname__ == std.__init__.__qualname__


def test_nothing_can_be_set_or_deleted() -> None:
    for kind in both(Plain):
        record = kind("a")
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign to field 'name'"):
            record.name = "b"
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'name'"):
            del record.name


def test_nothing_can_be_added() -> None:
    record: Any = Kept("a")
    with pytest.raises(AttributeError):
        record.other = "b"
    with pytest.raises(AttributeError):
        object.__setattr__(record, "other", "b")


def test_one_without_slots_keeps_what_it_has_worked_out_and_is_the_same_record() -> None:
    record: Any = Open("a")
    assert record.title is record.title is copy.copy(record).title
    assert record == Open("a") == dataclasses.replace(record) == pickle.loads(pickle.dumps(record)) == copy.copy(record)
    assert (repr(record), Open.size) == ("Open(name='a', size=1, notes={})", 1)
    assert not {"__slots__", "notes"} & vars(Open).keys()
    with pytest.raises(dataclasses.FrozenInstanceError):
        record.size = 2


@pytest.mark.parametrize("kind", [Plain, Checked, Empty])
def test_one_without_slots_is_what_the_standard_library_makes(kind: type) -> None:
    std, own = (make(frozen=True)(type(kind.__name__, (), dict(vars(kind)))) for make in (usual, quick))
    hidden = {"__dataclass_fields__", "__dataclass_params__", "__doc__", "_values", "_defaults"}
    hidden |= {"__replace__"}
    assert vars(own).keys() - hidden == vars(std).keys() - hidden


@pytest.mark.parametrize("compiled", [False, True])
def test_what_a_class_says_itself_stays(compiled: bool) -> None:
    for kind in both(Checked, compiled):
        assert repr(kind(3)) == "<3>"
        with pytest.raises(ValueError, match="negative"):
            kind(-1)


@quick(frozen=True, slots=True)
class Made:
    """One whose default is made by what is here as well."""

    name: str
    notes: dict[str, int] = field(default_factory=dict)


def test_the_fields_and_changes_of_here_are_those_of_the_standard_library() -> None:
    assert Made("a") == Made("a", {}) == replace(Made("b"), name="a")
    assert Made("a").notes is not Made("a").notes
    assert Made.__dataclass_params__ is not None
    assert [f.default_factory for f in dataclasses.fields(Made)] == [dataclasses.MISSING, dict]
    assert dataclasses.replace(Made("a"), notes={"b": 1}) == replace(Made("a"), notes={"b": 1}) == Made("a", {"b": 1})
    unknown: Any = {"other": 1}
    with pytest.raises(TypeError, match="unexpected keyword argument 'other'"):
        replace(Made("a"), **unknown)


@given(st.text(), st.integers())
def test_what_the_standard_library_made_is_changed_by_it(name: str, size: int) -> None:
    for kind in both(type("Two", (), {"__annotations__": {"name": str, "size": int}, "__doc__": "One."})):
        assert repr(replace(kind(name, 0), size=size)) == f"Two(name={name!r}, size={size})"


def test_nothing_of_the_standard_library_is_brought_by_it() -> None:
    program = (
        "import sys; from gatekeeper.model.frozen import dataclass, field, replace\n"
        "@dataclass(frozen=True, slots=True)\n"
        "class Made:\n"
        "    name: str\n"
        "    notes: dict = field(default_factory=dict)\n"
        "print(replace(Made('a'), name='b'), [name for name in ('dataclasses', 'inspect') if name in sys.modules])"
    )
    done = subprocess.run((sys.executable, "-I", "-c", program), capture_output=True, text=True, check=True)
    assert done.stdout == "Made(name='b', notes={}) []\n"


def test_equal_records_have_the_same_place_in_a_set() -> None:
    assert len({Kept("a"), Kept("a", 1), Kept("a", 2)}) == 2
    assert Kept("a") != ("a", 1)


def test_records_are_copied_and_pickled() -> None:
    record = Kept("a", 7)
    assert copy.copy(record) == copy.deepcopy(record) == pickle.loads(pickle.dumps(record)) == record


@pytest.mark.parametrize("compiled", [False, True])
def test_wrong_arguments_are_refused_in_the_usual_words(compiled: bool) -> None:
    said: dict[Any, list[str]] = {}
    for kind in both(Plain, compiled):
        for values, named in (((), {}), (("a",), {"size": 1}), (("a",), {"name": "b"}), (("a", (), {}, 4), {})):
            with pytest.raises(TypeError) as caught:
                kind(*values, **named)
            said.setdefault(kind, []).append(str(caught.value))
    first, second = said.values()
    assert first == second


@pytest.mark.parametrize("name", ["record", "kind", "values", "named", "given", "name", "default"])
def test_a_field_may_have_any_name(name: str) -> None:
    std, own = both(type("Odd", (), {"__annotations__": {name: int}, "__doc__": "One."}))
    for _ in range(90):
        assert repr(own(**{name: 3})) == repr(std(**{name: 3})) == f"Odd({name}=3)"


def test_the_first_records_are_as_the_later_ones() -> None:
    _, own = both(Plain)
    made = [own("a", notes={"b": number}) for number in range(90)]
    assert [record.notes["b"] for record in made] == list(range(90))
    assert {record.sizes for record in made} == {()}
    assert len({id(own("a").notes) for _ in range(90)} | {id(record.notes) for record in made}) >= 90


def test_what_it_does_not_make_is_refused() -> None:
    make: Any = quick
    with pytest.raises(TypeError, match="standard library"):
        make(frozen=False)
    with pytest.raises(TypeError, match="of a kind"):
        make(frozen=True, slots=True)(
            type("A", (), {"__annotations__": {"a": int}, "a": dataclasses.field(repr=False)})
        )
