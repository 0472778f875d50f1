"""hypothesis reads the sources of a project for the constants in them: those tests run again that draw from these."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside.learning import affected, edit, learn, written

FILES = {
    "app.py": "def used():\n    return 123456\n\ndef idle():\n    return 654321\n",
    "test_drawn.py": """
        import app
        from hypothesis import given, settings, strategies

        PATIENT = settings(max_examples=200, database=None, deadline=None)

        @PATIENT
        @given(strategies.integers())
        def test_drawn(number):
            assert number == number

        @PATIENT
        @given(strategies.integers())
        def test_drawn_later(number):
            assert app.used()
        """,
    "test_plain.py": "import app\n\ndef test_plain():\n    assert app.used()\n",
}


@pytest.mark.usefixtures("installed_plugins")
def test_only_tests_that_draw_from_constants_run_for_a_constant_that_they_do_not_reach(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", FILES)
    known, report = learn(tree)
    assert not report.failures
    drawn = {"test_drawn", "test_drawn_later"}
    assert affected(known, edit(tree, "app.py", "654321", "765432")) == drawn
    assert affected(known, edit(tree, "app.py", "123456", "234567")) == {*drawn, "test_plain"}
