"""What is said to type checkers alone has no test run, but where somebody has it executed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside.learning import affected, edit, learn, written

FILES = {
    "app.py": """
        import typing as t

        if t.TYPE_CHECKING:
            from shapes import Shape

        def one() -> "Shape":
            return 1
        """,
    "test_app.py": """
        import app

        def test_one():
            assert app.one()
        """,
}
AS_CHECKED = """
    import importlib, sys, types, typing
    import app

    def test_checked(monkeypatch):
        monkeypatch.setitem(sys.modules, "shapes", types.SimpleNamespace(Shape=int, Form=int))
        monkeypatch.setattr(typing, "TYPE_CHECKING", True)
        assert importlib.reload(app).Shape is int
    """


@pytest.mark.parametrize(("more", "expected"), [({}, set()), ({"test_checked.py": AS_CHECKED}, "as a type checker")])
def test_tests_run_where_modules_are_imported_as_a_type_checker_sees_them(
    tmp_path: Path, more: dict[str, str], expected: set[str] | str
) -> None:
    tree = written(tmp_path / "tree", {**FILES, **more})
    known, report = learn(tree)
    assert not report.failures
    found = affected(known, edit(tree, "app.py", "import Shape", "import Form as Shape"))
    assert expected in found if isinstance(expected, str) else found == expected
