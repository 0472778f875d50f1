"""What one test leaves in an object that outlives it makes later tests depend on what the first one ran."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.model.selection import TestMap
from tests.inside.learning import affected, edit, learn, written

FILES = {
    "app/__init__.py": "",
    "app/memo.py": """
        class Memo:
            def __init__(self):
                self.known = {}
                self.first = None

            def __call__(self, key):
                if key not in self.known:
                    self.known[key] = self.make(key)
                return self.known[key]

            def make(self, key):
                return key * 2

            def lazy(self):
                if self.first is None:
                    self.fill()
                return self.first

            def fill(self):
                self.first = self.built()

            def built(self):
                return 7

        class Rule:
            memo = Memo()

            def check(self, key):
                return self.memo(key)

        def keep(store, key):
            store.append(spelt(key))

        def spelt(key):
            return key.upper()

        def deep(key):
            return made(key)

        def made(key):
            return key + 1

        def closed():
            box = Memo()

            def call():
                return box.lazy()
            return call

        call = closed()
        WORDS = [[]]
        """,
    "tests/conftest.py": """
        import pytest
        from app.memo import Memo

        @pytest.fixture(scope="session")
        def shared():
            return {"memo": Memo()}
        """,
    "tests/test_memo.py": """
        from app.memo import WORDS, Memo, Rule, call, deep, keep

        def test_one(): assert Rule().check(3) == 6
        def test_two(): assert Rule().check(3) == 6
        def test_other(): assert deep(1) == 2
        def test_first(): assert call() == 7
        def test_second(): assert call() == 7
        def test_keep():
            keep(WORDS[0], "a")
            assert WORDS[0] == ["A"]
        def test_kept(): assert WORDS[0] == ["A"]
        """,
    "tests/test_own.py": """
        def test_own():
            from app.memo import Memo
            assert [Memo().lazy() for _ in range(3)] == [7, 7, 7]

        def test_nothing(): pass
        """,
    "tests/test_shared.py": """
        def test_a(shared): assert shared["memo"](1) == 2
        def test_b(shared): assert shared["memo"](1) == 2
        """,
}  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "others"),
    [
        ("key * 2", "key + key", {"test_one", "test_two", "test_a", "test_b"}),
        ("return 7", "return 8", {"test_first", "test_second"}),
        ("key.upper()", "key", {"test_keep", "test_kept"}),
    ],
)
def test_all_run_that_may_see_what_was_left(tree: Path, known: TestMap, old: str, new: str, others: set[str]) -> None:
    found = affected(known, edit(tree, "app/memo.py", old, new))
    assert isinstance(found, str) or others <= found


def test_what_no_such_object_is_given_to_stays_with_its_tests(tree: Path, known: TestMap) -> None:
    assert affected(known, edit(tree, "app/memo.py", "key + 1", "1 + key")) == {"test_other"}


def test_an_object_of_the_test_alone_is_no_such_object(tmp_path: Path) -> None:
    files = {path: text for path, text in FILES.items() if path not in ("tests/test_memo.py", "tests/test_shared.py")}
    tree = written(tmp_path / "tree", {**files, "tests/conftest.py": ""})
    assert affected(learn(tree)[0], edit(tree, "app/memo.py", "return 7", "return 8")) == {"test_own"}
