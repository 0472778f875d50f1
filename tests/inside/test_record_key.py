"""What else decides than the tree is compared where the tests run; who reads files outside of tests is seen."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from gatekeeper.model.selection import Selection
from tests.inside.learning import PROGRAM, learn, run_recorded, written

FILES = {
    "setup.cfg": "[metadata]\nname = app\n[tool:pytest]\nmarkers = slow\n",
    "test_one.py": "def test_one():\n    pass\n",
}


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("name = app", "name = other", ""),
        ("markers = slow", "markers = quick", "the environment is another one (settings of pytest)"),
    ],
)
def test_of_a_shared_file_only_the_settings_of_pytest_decide(tmp_path: Path, old: str, new: str, refused: str) -> None:
    tree = written(tmp_path / "tree", FILES)
    known, _ = learn(tree)
    (tree / "setup.cfg").write_text(FILES["setup.cfg"].replace(old, new))
    selection = Selection(known.tree, tuple(known.tests), environment=known.environment, untracked=known.untracked)
    trace = run_recorded(tree, selection)[1]
    assert trace.refused == refused
    assert bool(trace.left_out) is not bool(refused)


def test_where_the_tree_and_our_own_folders_lie_decides_nothing(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    known, _ = learn(written(tmp_path / "one" / "tree", FILES))
    selection = Selection(known.tree, tuple(known.tests), environment=known.environment, untracked=known.untracked)
    trace = run_recorded(written(tmp_path / "two" / "tree", FILES), selection)[1]
    assert (trace.refused, trace.left_out) == ("", tuple(known.tests))


JOB = {"GITHUB_ACTIONS": "true", "GITHUB_SHA": "1", "GITHUB_REF": "refs/heads/main", "RUNNER_NAME": "one", "OTHER": "1"}
OF_A_PULL = {"GITHUB_SHA": "2", "GITHUB_REF": "refs/pull/2/merge", "RUNNER_NAME": "two", "GITHUB_HEAD_REF": "changes"}


@pytest.mark.parametrize(
    ("then", "refused"),
    [
        ({**JOB, **OF_A_PULL}, ""),
        ({**JOB, "OTHER": "2"}, "the environment is another one (variables)"),
        ({**JOB, "GITHUB_ACTIONS": ""}, "the environment is another one (variables)"),
    ],
)
def test_what_a_job_says_of_itself_decides_nothing_since_no_test_sees_it(
    tmp_path: Path, then: dict[str, str], refused: str
) -> None:
    looks = (
        "import os\n\ndef test_two():\n    assert not {'GITHUB_SHA', 'GITHUB_REF', 'RUNNER_NAME'} & set(os.environ)\n"
    )
    tree = written(tmp_path / "tree", {**FILES, "test_two.py": looks})
    known, report = learn(tree, **JOB)
    assert {test.outcome for test in report.tests} == {"passed"}
    selection = Selection(known.tree, tuple(known.tests), environment=known.environment, untracked=known.untracked)
    trace = run_recorded(tree, selection, **then)[1]
    assert trace.refused == refused
    assert bool(trace.left_out) is not bool(refused)


def test_a_plugin_that_reads_a_file_by_itself_is_seen_to_and_pytest_is_not(tmp_path: Path) -> None:
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    (plugins / "reading_plugin.py").write_text("def pytest_configure():\n    open('tox.ini').close()\n")
    conftest = f"import sys\nsys.path.insert(0, {str(plugins)!r})\npytest_plugins = ['reading_plugin']\n"
    tree = written(tmp_path / "tree", {**FILES, "tox.ini": "[testenv]\n", "conftest.py": conftest})
    trace = run_recorded(tree)[1]
    assert trace.session.reads == {"tox.ini"}


SAID = "Metadata-Version: 2.1\nName: app\nVersion: 1\n"


@pytest.mark.parametrize(
    ("lying", "differs"),
    [
        ({"app.egg-info/PKG-INFO": SAID}, False),
        ({"app.egg-info/PKG-INFO": SAID.replace("1\n", "2\n")}, True),
        ({"app.egg-info/PKG-INFO": SAID, "app.egg-info/entry_points.txt": "[pytest11]\na = app\n"}, True),
        ({"other.egg-info/PKG-INFO": SAID.replace("app", "other")}, True),
    ],
)
def test_what_an_installation_in_place_leaves_in_the_tree_decides_nothing_where_it_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lying: dict[str, str], differs: bool
) -> None:
    """A copy of the tree has no such folder, and what is on the path twice is one."""
    monkeypatch.syspath_prepend(str(PROGRAM.parent))
    packages = import_module("record_key").packages
    tree = written(tmp_path / "tree", lying)
    site = written(tmp_path / "site", {"app-1.dist-info/METADATA": SAID, "app-1.dist-info/RECORD": "app.py,,\n"})
    monkeypatch.syspath_prepend(str(site))
    before = packages()
    monkeypatch.syspath_prepend(str(tree))
    once = packages()
    assert (once != before) is differs
    monkeypatch.syspath_prepend(str(tree))
    assert packages() == once
