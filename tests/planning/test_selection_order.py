"""The order of files in a run that ends at its first failure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.selection import NOT_PASSED, KnownTest, TestOrder, Touched
from gatekeeper.planning.selection_order import order_of, still_failed

FILES = st.sampled_from("abcdefgh")
AGAIN = st.sampled_from(["", "it is no function", f"{NOT_PASSED} (failed)"])
TESTS = st.dictionaries(
    st.text("123456789", min_size=1, max_size=3),
    st.builds(KnownTest, FILES, AGAIN, st.just(Touched()), st.booleans(), st.integers(0, 9).map(float)),
    max_size=12,
)


def known(path: str, seconds: float, again: str = "") -> KnownTest:
    return KnownTest(path, again, Touched(), seconds=seconds)


@given(TESTS, st.sets(st.text("123456789", min_size=1, max_size=3)), st.sets(FILES), st.sets(FILES))
def test_each_known_failed_and_changed_file_has_one_place(
    tests: dict[str, KnownTest], reuse: set[str], failed: set[str], changed: set[str]
) -> None:
    order = order_of(tests, reuse, failed, changed)
    named = (*order.first, *order.last)
    assert sorted(named) == sorted({*(test.path for test in tests.values()), *failed, *changed})
    bad = failed | {test.path for test in tests.values() if test.again.startswith(NOT_PASSED)}
    assert set(order.first[: len(bad)]) == bad, "those that failed come first"
    assert set(order.first[len(bad) :]) == changed - bad, "then those that changed"


@given(TESTS)
def test_the_quickest_file_is_first_where_nothing_else_decides(tests: dict[str, KnownTest]) -> None:
    plain = {name: known(test.path, test.seconds) for name, test in tests.items()}
    order = order_of(plain, (), (), ())
    seconds = [sum(test.seconds for test in plain.values() if test.path == path) for path in order.last]
    assert seconds == sorted(seconds)
    assert order.first == ()


def test_only_tests_that_run_count() -> None:
    tests = {"1": known("a", 9.0), "2": known("a", 1.0), "3": known("b", 2.0), "4": known("c", 3.0)}
    assert order_of(tests, (), (), ()).last == ("b", "c", "a")
    assert order_of(tests, ("1",), (), ()).last == ("a", "b", "c")
    assert order_of(tests, ("1", "2", "3", "4"), (), ()).last == ("b", "c", "a"), "pytest may run them yet"


def test_what_failed_comes_before_what_changed() -> None:
    tests = {"1": known("a", 1.0), "2": known("b", 5.0, f"{NOT_PASSED} (error)"), "3": known("c", 0.1)}
    assert order_of(tests, (), ["d"], ["c", "e"]) == TestOrder(("d", "b", "e", "c"), ("a",))


def test_a_test_has_failed_until_it_passes() -> None:
    before = {"1": "a", "2": "b", "3": "c"}
    assert still_failed(before, {"1", "2", "4"}, {"2": "b", "4": "d"}) == {"2": "b", "3": "c", "4": "d"}
    assert still_failed(before, {"1", "2", "3"}, {}) == {}
