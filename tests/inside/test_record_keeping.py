"""What a test leaves behind concerns later tests; what only looks like it, or has ended, does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.model.selection import TestMap
from tests.inside.learning import affected, edit, learn, written

FILES = {
    "app/__init__.py": "",
    "app/keep.py": """
        from functools import cached_property

        class Box:
            def __init__(self, other=None):
                self.parts = [[]]
                if other is not None:
                    other.parts.append(first_part())

            def fill(self):
                self.parts.append(filled())

            def begin(self):
                self.begun = True
                return begun()

            @cached_property
            def size(self):
                return measured()

        class State:
            value = 0

        STATE, BOX, WORDS, SEEN = State(), Box(), [[]], {}

        def first_part():
            return "a" + "b"

        def filled():
            return "c" + "d"

        def measured():
            return 2 + 1

        def set_state():
            STATE.value = computed()

        def computed():
            return 4 + 3

        def extend_all():
            for words in WORDS:
                words.append(word())

        def word():
            return "w" + "x"

        def through(store):
            kept = store["all"] or []
            kept[0].update(made())

        def made():
            return {"m": 1 + 5}

        def look():
            found = {}
            found[len(SEEN)] = looked()
            return found

        def looked():
            return "l" + "o"

        def outer():
            def inner(value):
                SEEN["x"] = value
            return nested()

        def nested():
            return "n" + "e"

        def remember():
            SEEN["y"] = 1

        def later():
            return "z" + "z"

        def begun():
            return "b" + "u"

        def options(**given):
            given["o"] = 1
            return optional()

        def optional():
            return "o" + "o"

        def fill_anew(box):
            box.parts.append(anew())

        def anew():
            return "q" + "r"
        """,
    "tests/test_keep.py": """
        from app.keep import BOX, STATE, WORDS, Box, extend_all, fill_anew, later, look, options, outer, remember, set_state, through

        HELD = {"all": [{}]}

        def test_init():
            Box(BOX)
        def test_init_after(): assert True

        def test_own(): Box().fill()
        def test_own_size(): assert Box().size == 3

        def test_state(): set_state()
        def test_state_after(): assert STATE.value in (0, 7)

        def test_words(): extend_all()
        def test_words_after(): assert WORDS

        def test_through(): through(HELD)
        def test_through_after(): assert HELD

        def test_look(): assert look()
        def test_nested(): assert outer() == "ne"

        def test_ended():
            remember()
            assert later() == "zz"

        def test_begin(): assert BOX.begin() == "bu"
        def test_options(): assert [options(a=[n]) for n in range(9)]

        def test_given(): fill_anew(BOX)
        """,
    "tests/test_own.py": """
        from app.keep import BOX, Box
        def test_lasting(): assert BOX.size == 3
        def test_other(): assert Box().parts == [[]]
        """,
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "after"),
    [
        ('"a" + "b"', "test_init_after"),
        ("4 + 3", "test_state_after"),
        ('"w" + "x"', "test_words_after"),
        ("1 + 5", "test_through_after"),
        ("2 + 1", "test_other"),
        ('"q" + "r"', "test_nested"),
        ("= True", "test_nested"),
    ],
)
def test_all_run_that_may_see_what_a_test_left(tree: Path, known: TestMap, old: str, after: str) -> None:
    found = affected(
        known, edit(tree, "app/keep.py", old, "= 7" if old == "= True" else " ".join(reversed(old.split())))
    )
    assert isinstance(found, str) or after in found


@pytest.mark.parametrize(
    ("old", "only"),
    [
        ('"c" + "d"', "test_own"),
        ('"l" + "o"', "test_look"),
        ('"n" + "e"', "test_nested"),
        ('"z" + "z"', "test_ended"),
        ('"b" + "u"', "test_begin"),
        ('"o" + "o"', "test_options"),
    ],
)
def test_what_leaves_nothing_concerns_its_own_test(tree: Path, known: TestMap, old: str, only: str) -> None:
    assert affected(known, edit(tree, "app/keep.py", old, old.replace("+", "+ '' +"))) == {only}


def test_what_an_object_of_the_test_remembers_ends_with_it(tmp_path: Path) -> None:
    files = {path: text for path, text in FILES.items() if path != "tests/test_own.py"}
    tree = written(tmp_path / "tree", files)
    assert affected(learn(tree)[0], edit(tree, "app/keep.py", "2 + 1", "1 + 2")) == {"test_own_size"}


def test_that_one_test_gave_an_object_that_lasts_says_nothing_of_another(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "app/__init__.py": "",
            "app/store.py": """
                STORE = {}
                def put(store, key, make):
                    store[key] = make()
                def one():
                    return 1 + 0
                def two():
                    return 2 + 0
                """,
            "tests/test_store.py": """
                from app.store import STORE, one, put, two
                def test_lasting(): put(STORE, 1, one)
                def test_own(): put({}, 2, two)
                """,
        },
    )
    known = learn(tree)[0]
    assert affected(known, edit(tree, "app/store.py", "2 + 0", "0 + 2")) == {"test_own"}
    assert affected(known, edit(tree, "app/store.py", "1 + 0", "0 + 1")) != {"test_lasting"}


def test_functions_that_look_the_same_are_told_apart(tmp_path: Path) -> None:
    same = "X = 1\n\n\ndef value(key):\n    return key * 2\n"
    tree = written(
        tmp_path / "tree",
        {
            "app/__init__.py": "",
            "app/one.py": same,
            "app/two.py": same,
            "tests/test_both.py": """
                import app.one, app.two
                def test_both(): assert [app.one.value(n) for n in (1, 2)] == [app.two.value(n) for n in (1, 2)]
                def test_one(): assert app.one.value(2) == 4
                def test_two(): assert app.two.value(2) == 4
                """,
        },
    )
    known = learn(tree)[0]
    assert affected(known, edit(tree, "app/one.py", "key * 2", "key + key")) == {"test_both", "test_one"}
    assert affected(known, edit(tree, "app/two.py", "key * 2", "key + key")) == {"test_both", "test_two"}


@pytest.mark.parametrize(
    ("kept", "memo"),
    [
        ("config.memo = Memo()", "pytestconfig.memo"),
        ("config.pluginmanager.register(Memo(), 'memo')", "pytestconfig.pluginmanager.get_plugin('memo')"),
    ],
)
def test_an_object_that_a_plugin_keeps_is_one_that_lasts(tmp_path: Path, kept: str, memo: str) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "app/__init__.py": "",
            "app/memo.py": """
                class Memo:
                    found = None
                    def get(self):
                        if self.found is None:
                            self.found = self.find()
                        return self.found
                    def find(self):
                        return 3 + 4
                """,
            "tests/conftest.py": f"""
                from app.memo import Memo
                def pytest_configure(config):
                    {kept}
                """,
            "tests/test_memo.py": f"""
                def test_first(pytestconfig): assert {memo}.get() == 7
                def test_second(pytestconfig): assert {memo}.get() == 7
                """,
        },
    )
    found = affected(learn(tree)[0], edit(tree, "app/memo.py", "3 + 4", "4 + 3"))
    assert isinstance(found, str) or found == {"test_first", "test_second"}


def test_a_test_may_take_away_what_the_recording_needs(tmp_path: Path) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "app/__init__.py": "",
            "app/code.py": "SEEN = {}\ndef put(key):\n    SEEN[key] = made(key)\n\ndef made(key):\n    return key + 1\n",
            "tests/test_code.py": """
                import sys
                from app.code import put
                def test_bare(monkeypatch):
                    monkeypatch.delattr(sys, "_getframe")
                    put(1)
                def test_other(): put(2)
                """,
        },
    )
    known, report = learn(tree)
    assert {test.outcome for test in report.tests} == {"passed"}
    assert affected(known, edit(tree, "app/code.py", "key + 1", "1 + key")) != {"test_bare"}


CACHED = """
    import functools

    def two(n):
        return deep(n, 'two')
    def three(n):
        return deep(n, 'three')
    def other(n):
        return deep(n, 'other')
    def four(n):
        return deep(n, 'four')
    def deep(n, _):
        return n + 1

    found = functools.lru_cache(maxsize=None)(two)
    partly = functools.lru_cache()(functools.partial(three, 1))

    class Held:
        kept = functools.lru_cache(maxsize=8)(four)
"""


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        ("'two'", {"test_found", "test_found_again", "test_partly", "test_held", "test_other"}),
        ("'three'", {"test_found", "test_found_again", "test_partly", "test_held", "test_other"}),
        ("'four'", {"test_found", "test_found_again", "test_partly", "test_held", "test_other"}),
        ("'other'", {"test_other"}),
    ],
)
def test_what_a_cache_keeps_that_is_no_decorator_concerns_all(tmp_path: Path, old: str, expected: set[str]) -> None:
    tree = written(
        tmp_path / "tree",
        {
            "app.py": CACHED,
            "test_app.py": """
                import app
                def test_found(): assert app.found(1) == 2
                def test_found_again(): assert app.found(1) == 2
                def test_partly(): assert app.partly() == 2
                def test_held(): assert app.Held.kept(2) == 3
                def test_other(): assert app.other(2) == 3
            """,
        },
    )
    known, report = learn(tree)
    assert not report.failures
    assert affected(known, edit(tree, "app.py", old, "0")) == expected


def test_what_a_cache_stands_around_is_not_executed(tmp_path: Path) -> None:
    text = """
        import functools

        class Odd:
            def __call__(self, n):
                return n
            def __getattr__(self, name):
                raise RuntimeError(name) if name == "__wrapped__" else AttributeError(name)

        kept = functools.lru_cache(Odd())

        def test_kept():
            assert kept(1) == 1
    """
    _, report = learn(written(tmp_path / "tree", {"test_app.py": text}))
    assert [test.outcome for test in report.tests] == ["passed"]
