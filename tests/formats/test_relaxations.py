"""What a change relaxes: comments, tests, settings of tools and files, each on what it adds only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.policy_text import policy_sentences
from gatekeeper.formats.relaxations import relaxations
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind
from gatekeeper.model.policy_change import PolicyChange, Relaxed
from tests.gates.project_runs import file_change


def listed(*files, kind=TargetKind.RANGE, settings=()):
    target = Target(kind, "b" * 40, "h" * 40, "a test")
    return relaxations(Change("b" * 40, "h" * 40, tuple(files)), target, settings)


def told(*files):
    return [(change.what, change.line) for change in listed(*files)]


def test_only_added_comments_count():
    base = "a = 1  # noqa: E501\nb = 2\n"
    assert told(file_change("a.py", "a = 1  # noqa: E501\nb = 3\n", base)) == []
    assert told(file_change("a.py", "a = 4  # noqa: E501\nb = 2\n", base)) == []
    assert told(file_change("a.py", "a = 1  # noqa\nb = 2\n", base)) == [("noqa", 1)]
    assert told(file_change("a.py", "a = 1\nb = 2\n", base)) == []


@pytest.mark.parametrize(
    ("comment", "what"),
    [
        ("# noqa", "noqa"),
        ("#NOQA:E501", "noqa"),
        ("# ruff: noqa", "noqa"),
        ("# flake8: noqa", "noqa"),
        ("# pylint: disable-next=all", "pylint: disable"),
        ("# pylint:skip-file", "pylint: disable"),
        ("# pragma: no cover", "pragma: no cover"),
        ("# pragma: no branch", "pragma: no cover"),
        ("# type: ignore[x]", "type: ignore"),
        ("# pyright: ignore", "type: ignore"),
        ("# mypy: ignore-errors", "type: ignore"),
        ("# nosec B101", "nosec"),
    ],
)
def test_every_comment_that_silences(comment, what):
    assert told(file_change("a.py", f"x = 1  {comment}\n", "")) == [(what, 1)]


@pytest.mark.parametrize(
    "text", ['x = "# noqa"\n', 'x = """\n# pragma: no cover\n"""\n', "# noquality\n", "# a type: ignored\n"]
)
def test_what_is_no_such_comment(text):
    assert told(file_change("a.py", text, "")) == []


def test_two_in_one_line_and_a_text_that_is_no_python():
    assert told(file_change("a.py", "x = 1  # type: ignore  # noqa\n", "")) == [("noqa", 1), ("type: ignore", 1)]
    assert told(file_change("a.py", "x = (\n'''\n  # noqa\n", "")) == [("noqa", 3)]


TWO = "def test_one():\n    pass\n\n\nclass TestMore:\n    def test_two(self):\n        pass\n"


def test_tests_that_are_gone():
    less = "def test_one():\n    pass\n"
    assert told(file_change("tests/test_a.py", less, TWO)) == [("removed: TestMore.test_two", None)]
    (gone,) = listed(file_change("tests/test_a.py", None, TWO))
    assert (gone.what, gone.before, gone.after) == ("a file of tests", "2 tests", "deleted")
    assert told(file_change("tests/test_a.py", None, TWO), file_change("tests/test_b.py", TWO)) == []
    assert told(file_change("web/a.spec.ts", None, "it()\n")) == [("a file of tests", None)]


ONE = "def test_one():\n    pass\n"


@pytest.mark.parametrize(
    ("path", "base", "text"),
    [
        ("tests/one_test_.py", ONE, ONE),
        ("tests/one.py", ONE, ONE),
        ("tests/build/test_one.py", ONE, ONE),
        ("tests/.old/test_one.py", ONE, ONE),
        ("tests/test_one.py", "class TestA:\n    def test_one(self): pass\n", "class A:\n    def test_one(self): pass\n"),
        ("tests/test_one.py", "class A(Case):\n    def test_one(self): pass\n", "class A:\n    def test_one(self): pass\n"),
        ("tests/test_one.py", ONE, "if False:\n    def test_one(): pass\n"),
    ],
)  # fmt: skip
def test_a_test_that_pytest_no_longer_finds_is_gone(path, base, text):
    moved = replace(file_change(path, text, base), kind=ChangeKind.RENAMED, old_path="tests/test_one.py")
    assert [what.rpartition(".")[2].split()[-1] for what, _ in told(moved)] == ["test_one"]
    if base == text:
        gone = file_change("tests/test_one.py", None, base)
        assert told(gone, file_change(path, text)) == [("a file of tests", None)]


def test_tests_by_other_names_may_move_among_these():
    moved = replace(file_change("tests/b.py", ONE, ONE), kind=ChangeKind.RENAMED, old_path="tests/a.py")
    assert told(moved) == []
    assert told(file_change("tests/a.py", None, ONE), file_change("tests/check_b.py", ONE)) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("@pytest.mark.skip\ndef test_one(): pass", "skip: test_one"),
        ("@pytest.mark.skipif(True, reason='r')\ndef test_one(): pass", "skip: test_one"),
        ("@mark.xfail\ndef test_one(): pass", "xfail: test_one"),
        ("@unittest.skipUnless(0, '')\ndef test_one(): pass", "skip: test_one"),
        ("def test_one():\n        pytest.skip('r')", "skip: test_one"),
        ("pytestmark = pytest.mark.skip", "skip"),
        ("collect_ignore = ['x.py']", "left out by conftest"),
        (
            "def pytest_collection_modifyitems(items): items.clear()",
            "decided by the hook pytest_collection_modifyitems",
        ),
        ("pytest_cmdline_main = lambda config: 0", "decided by the hook pytest_cmdline_main"),
        ("from forged import pytest_runtest_makereport", "decided by the hook pytest_runtest_makereport"),
        ("from forged import a as pytest_pyfunc_call", "decided by the hook pytest_pyfunc_call"),
        (
            "@pytest.hookimpl(specname='pytest_runtest_call')\ndef f(item): pass",
            "decided by the hook pytest_runtest_call",
        ),
        ("def pytest_configure(config): config.option.keyword = 'x'", "the option keyword of pytest is set"),
        ("__test__ = False", "left out by __test__"),
        ("pytest_plugins = ['forged']", "a plugin is loaded"),
    ],
)
def test_new_skips(line, what):
    assert [name for name, _ in told(file_change("tests/test_a.py", f"{line}\n", "x = 1\n"))] == [what]


@pytest.mark.parametrize(
    ("name", "base", "head", "expected"),
    [
        (".coveragerc", "[report]\nfail_under = 90\n", "[report]\nfail_under = 80\n", ["coverage report.fail_under"]),
        (".coveragerc", "[report]\nfail_under = 80\n", "[report]\nfail_under = 90\n", []),
        (".coveragerc", "[run]\nbranch = true\n", None, ["coverage run.branch"]),
        ("setup.cfg", "", "[coverage:run]\nomit =\n    a\n    b\n", ["coverage run.omit"]),
        ("tox.ini", "[coverage:run]\nsource = a,b\n", "[coverage:run]\nsource = a\n", ["coverage run.source"]),
        ("pyproject.toml", "", "[tool.coverage.report]\nskip_covered = true\n", ["coverage report.skip_covered"]),
        (".pylintrc", "[MAIN]\ndisable=a\n", "[MAIN]\ndisable=a,\n    b\n", ["pylint disable"]),
        (".pylintrc", "[MAIN]\ndisable=a,b\n", "[MAIN]\ndisable=a\n", []),
        (".pylintrc", "[DESIGN]\nmax-args=5\n", "[DESIGN]\nmax-args=9\n", ["pylint max-args"]),
        ("pyproject.toml", "", "[tool.pylint.'messages control']\ndisable=['a']\n", ["pylint disable"]),
        ("setup.cfg", "", "[pylint.main]\nfail_under = 1\n", []),
        ("pytest.ini", "", "[pytest]\naddopts = -k a\n", ["pytest addopts"]),
        ("pytest.ini", "", "[pytest]\naddopts = -q\nmarkers = a\n", []),
        ("setup.cfg", "", "[tool:pytest]\npython_files = a.py\n", ["pytest python_files"]),
        ("pyproject.toml", "", "[tool.pytest.ini_options]\nnorecursedirs = ['a']\n", ["pytest norecursedirs"]),
        ("pyproject.toml", "", "[tool.pytest.ini_options", ["coverage unreadable"]),
    ],
)
def test_settings_of_tools(name, base, head, expected):
    found = listed(file_change(name, head, base))
    assert [change.what for change in found] == expected
    assert all(change.held for change in found)
    assert not any(change.held for change in listed(file_change(name, head, base), kind=TargetKind.STAGED))


def test_the_line_of_a_setting():
    (change,) = listed(file_change("a/.coveragerc", "[run]\nbranch = true\nomit = a\n", "[run]\nbranch = true\n"))
    assert (change.path, change.line, change.before, change.after) == ("a/.coveragerc", 3, "not set", "[a]")


def test_settings_that_only_moved_are_no_relaxation():
    gone = file_change(".coveragerc", None, "[run]\nomit = a\n")
    assert listed(gone, file_change("pyproject.toml", "[tool.coverage.run]\nomit = ['a']\n", "")) == ()


def test_a_whole_tree_has_nothing_before_it():
    assert listed(file_change("a.py", "x = 1  # noqa\n"), kind=TargetKind.ALL) == ()


def test_sentences_are_short_and_the_rest_is_counted():
    many = [PolicyChange(Relaxed.SUPPRESSION, f"a\n{number}.py", 1, "noqa", "", "# noqa") for number in range(12)]
    lines = policy_sentences(many)
    assert len(lines) == 11
    assert lines[-1].startswith("and 2 more (2 suppression)")
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            PolicyChange(Relaxed.SETTING, "g.yml", 3, "gates.x.minimum", "8", "6", held=True),
            "setting in `g.yml:3`: `gates.x.minimum` 8 → 6 (in force once it is merged)",
        ),
        (PolicyChange(Relaxed.TOOL, "a.ini", 2, "pytest addopts", "", "-x"), "tool in `a.ini:2`: `pytest addopts` not set → -x"),
        (PolicyChange(Relaxed.TOOL, "", None, "it could not be listed", "", "E"), "tool: it could not be listed: E"),
        (PolicyChange(Relaxed.GATE, "", None, "gates.tests", "on", "removed"), "gate: gates.tests: on → removed"),
        (PolicyChange(Relaxed.SUPPRESSION, "a.py", 1, "noqa", "", "# noqa: X1"), "suppression in `a.py:1`: `# noqa: X1`"),
        (PolicyChange(Relaxed.WORKFLOW, "ci.yml", 1, "the workflow", "", "edited"), "workflow in `ci.yml:1`: edited"),
        (PolicyChange(Relaxed.TEST, "t.py", None, "removed: test_a", "there", "removed"), "test in `t.py`: removed: test_a"),
        (PolicyChange(Relaxed.TEST, "t.py", 4, "skipped: test_a", "", "skipped"), "test in `t.py:4`: skipped: test_a"),
        (PolicyChange(Relaxed.TEST, "t.py", None, "a file of tests", "3 tests", "deleted"), "test in `t.py`: a file of tests: 3 tests → deleted"),
    ],
)  # fmt: skip
def test_a_sentence_says_each_thing_once(change, sentence):
    assert policy_sentences([change]) == [sentence]


@given(
    st.sampled_from([".coveragerc", "pyproject.toml", "setup.cfg", "tests/test_a.py", ".pylintrc"]),
    st.text(),
    st.text(),
)
def test_no_text_breaks_the_list(name, base, head):
    assert not any("could not be listed" in what for what, _ in told(file_change(name, head, base)))
