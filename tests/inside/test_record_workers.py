"""Under pytest-xdist each worker records, and what they saw is put together."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.planning.selection import select
from tests.inside.learning import affected, edit, learn, run_recorded, written

FILES = {
    "app.py": """
        SEVEN = 7

        def add(a, b):
            return a + b

        def sub(a, b):
            return a - b

        def made():
            return SEVEN
        """,
    "conftest.py": """
        import pytest
        from app import made

        @pytest.fixture(scope="session")
        def service():
            return made()
        """,
    "test_add.py": "from app import add\n\ndef test_add():\n    assert add(1, 2) == 3\n\ndef test_one():\n    pass\n",
    "test_sub.py": "from app import sub\n\ndef test_sub():\n    assert sub(1, 2) == -1\n\ndef test_two():\n    pass\n",
    "test_service.py": "def test_first(service):\n    assert service\n\ndef test_second(service):\n    assert service\n",
    "setup.cfg": "[tool:pytest]\naddopts = -p xdist -n 2\n",
}


def names(tests: object) -> set[str]:
    assert hasattr(tests, "__iter__")
    return {str(test).split("::")[1] for test in tests}


def test_workers_record_and_leave_out(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", FILES)
    known, report = learn(tree)
    assert (report.workers, len(known.tests)) == (2, 6)
    for old, new, expected in (
        ("a + b", "b + a", {"test_add"}),
        ("a - b", "- b + a", {"test_sub"}),
        ("return SEVEN", "return 8", {"test_first", "test_second"}),
    ):
        assert affected(known, edit(tree, "app.py", old, new)) == expected
    change = edit(tree, "app.py", "a - b", "b - a")
    (tree / "app.py").write_text(change.text or "")
    selection = select(known, [change])
    again, second = learn(tree, known, selection)
    assert (names(test.id for test in second.tests), second.reused) == ({"test_sub"}, 5)
    assert (len(again.tests), names(t.id for t in second.failures)) == (6, {"test_sub"})


def test_all_tests_may_be_left_out(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", FILES)
    known, _ = learn(tree)
    report, trace = run_recorded(tree, select(known, []))
    assert (trace.problem, trace.refused, len(trace.left_out), report.reused) == ("", "", 6, 6)


def test_nothing_is_known_of_a_run_in_which_a_worker_died(tmp_path: Path) -> None:
    tree = written(tmp_path / "tree", {**FILES, "test_end.py": "import os\n\ndef test_end():\n    os._exit(3)\n"})
    report, trace = run_recorded(tree, arguments=())
    assert "of pytest-xdist did not end well" in trace.problem
    assert report.exit_status == 1
