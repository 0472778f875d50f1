"""Which settings of pytest are those of the base, told apart by pytest's own reader."""

from __future__ import annotations

import pytest

from gatekeeper.inside.base_settings import harmless, overriding
from tests.gates.project_runs import lay_out


def settled(folder, base, head, args=(), root=""):
    for side, files in (("base", base), ("tree", head)):
        (folder / side / root).mkdir(parents=True)
        lay_out(folder / side, files)
    request = {"tree": str(folder / "tree"), "root": str(folder / "tree" / root).rstrip("/"), "args": list(args)}
    request["base"] = {"tree": str(folder / "base"), "root": str(folder / "base" / root).rstrip("/")}
    arguments, held, problem = overriding(request)
    assert problem == ""
    return dict(word.split("=", 1) for word in arguments[1::2]), held


def ini(**settings):
    return {"pytest.ini": "[pytest]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items())}


def test_equal_files_need_nothing(tmp_path):
    assert settled(tmp_path, ini(addopts="-k a"), {**ini(addopts="-k a"), "a.py": ""}) == ({}, [])


def test_another_part_of_the_file_decides_nothing(tmp_path):
    """Or else the outcomes of this run would hold for no run without such an edit."""
    settings = "[tool.pytest.ini_options]\naddopts = '-k a'\ntestpaths = ['tests']\n"
    base, head = ({"pyproject.toml": f"[project]\nversion = '{version}'\n{settings}"} for version in (1, 2))
    assert settled(tmp_path, base, head) == ({}, [])


def test_without_a_base_nothing_is_held(tmp_path):
    request = {"tree": str(tmp_path), "root": str(tmp_path), "args": [], "base": None}
    assert overriding(request) == ([], [], "")
    request["base"] = {"tree": str(tmp_path), "root": str(tmp_path / "gone")}
    assert overriding(request) == ([], [], "")


@pytest.mark.parametrize(
    ("base", "head", "name", "value", "is_held"),
    [
        ({}, {"addopts": "-k a"}, "addopts", "", True),
        ({"addopts": "-q"}, {"addopts": "-v -n 2"}, "addopts", "-v -n 2", False),
        ({"addopts": "-m 'not slow'"}, {}, "addopts", "-m 'not slow'", True),
        ({}, {"python_files": "check_*.py"}, "python_files", "'check_*.py' 'test_*.py' '*_test.py'", True),
        ({}, {"python_files": "*.py test_*.py *_test.py"}, "python_files", "'*.py' 'test_*.py' '*_test.py'", False),
        ({}, {"norecursedirs": "tests .*"}, "norecursedirs", "'.*'", True),
        ({}, {"testpaths": "tests/unit"}, "testpaths", "", True),
        ({"testpaths": "tests"}, {}, "testpaths", "", False),
        ({"testpaths": "tests"}, {"testpaths": "tests/unit more"}, "testpaths", "more tests", True),
        ({"testpaths": "tests gone"}, {"testpaths": "more"}, "testpaths", "more tests", True),
        ({"xfail_strict": "true"}, {"xfail_strict": "false"}, "xfail_strict", "true", True),
        ({"xfail_strict": "true"}, {"xfail_strict": "1"}, "xfail_strict", "true", False),
    ],
)
def test_each_setting(tmp_path, base, head, name, value, is_held):
    tests = {"tests/unit/test_a.py": "", "more/test_b.py": ""}
    found, held = settled(tmp_path, ini(note=1, **base), {**ini(note=2, **head), **tests})
    assert (found[name], name in held) == (value, is_held)


@pytest.mark.parametrize("name", ["pyproject.toml", "tox.ini", "setup.cfg", ".pytest.ini"])
def test_every_file_that_pytest_reads(tmp_path, name):
    heads = {"pyproject.toml": "tool.pytest.ini_options", "setup.cfg": "tool:pytest"}
    value = '"-k a"' if name.endswith("toml") else "-k a"
    text = f"[{heads.get(name, 'pytest')}]\naddopts = {value}\n"
    found, held = settled(tmp_path, {}, {name: text})
    assert (found["addopts"], held) == ("", ["addopts"])


def test_a_project_below_the_top_is_held_by_the_file_above_it(tmp_path):
    base = {"pytest.ini": "[pytest]\naddopts = -q\n", "pkg/a.py": ""}
    head = {"pytest.ini": "[pytest]\naddopts = -k a\n", "pkg/a.py": ""}
    assert settled(tmp_path, base, head, root="pkg")[1] == ["addopts"]


def test_a_file_beside_the_tests_that_are_named_counts(tmp_path):
    head = {"tests/unit/pytest.ini": "[pytest]\naddopts = -k a\n"}
    assert settled(tmp_path, {}, head, args=("tests/unit",))[1] == ["addopts"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "-q --tb=short -ra --cov=pkg --durations 5", True),
        ("-q --cov=pkg", "", True),
        ("", "--strict-markers", True),
        ("--strict-markers", "", False),
        ("-W error", "", False),
        ("", "-p no:pkg", False),
        ("", "tests/unit", False),
        ("", "--lf", False),
        ("", "-o python_files=x", False),
        ("", "--ignore=tests", False),
        ("-m a -k b", "-k b -m a", False),
        ("--runslow", "", False),
    ],
)
def test_options_that_may_change(old, new, expected):
    assert harmless(old.split(), new.split()) is expected
