"""The review gate over real small changes: each planted defect blocks, and its mended twin passes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from gatekeeper.gates.review import GATE
from gatekeeper.gates.review.jobs import said_path
from gatekeeper.model.candidate import Environment, Project, TargetKind
from gatekeeper.model.change import FileChange
from gatekeeper.model.finding import Severity
from gatekeeper.model.job import Outcome
from gatekeeper.model.verdict import Status, Verdict
from tests.gates.review.runs import changed, do, request_of, review, write_tree

CLEAN = "def double(number):\n    return 2 * number\n"


def rules(verdict: Verdict) -> set[str]:
    return {finding.rule for finding in verdict.findings}


@pytest.mark.parametrize(
    ("bad", "good", "rule", "severity"),
    [
        ("def f():\n    return missing\n", "def f():\n    return 1\n", "undefined-variable", Severity.HIGH),
        (
            "import subprocess\n\n\ndef f(x):\n    subprocess.run('ls ' + x, shell=True, check=True)\n",
            "import subprocess\n\n\ndef f(x):\n    subprocess.run(['ls', x], check=True)\n",
            "S602",
            Severity.CRITICAL,
        ),
        (
            "import time\n\n\nasync def f():\n    time.sleep(1)\n",
            "import asyncio\n\n\nasync def f():\n    await asyncio.sleep(1)\n",
            "ASYNC251",
            Severity.HIGH,
        ),
        ("def f(:\n    return 1\n", "def f():\n    return 1\n", "syntax-error", Severity.CRITICAL),
        (
            f"KEY = 'AKIA{'QZ7K' * 4}'\n",
            "import os\n\nKEY = os.environ['KEY']\n",
            "secret-aws-key",
            Severity.CRITICAL,
        ),
    ],
)
def test_a_planted_defect_blocks_and_its_twin_passes(
    tmp_path: Path, bad: str, good: str, rule: str, severity: Severity
) -> None:
    failed = review(tmp_path / "bad", {"app.py": bad}, {"app.py": CLEAN})
    assert failed.status is Status.FAILED
    worst = failed.findings[0]
    assert (worst.rule, worst.severity, worst.blocks, worst.path) == (rule, severity, True, "app.py")
    assert failed.hint
    passed = review(tmp_path / "good", {"app.py": good}, {"app.py": CLEAN})
    assert passed.status is Status.PASSED, passed
    assert passed.measured == 10.0


def test_a_syntax_error_scores_nothing(tmp_path: Path) -> None:
    verdict = review(tmp_path, {"app.py": "def f(:\n"})
    assert verdict.measured == 0.0


def test_what_was_there_before_is_forgiven(tmp_path: Path) -> None:
    old = "import os\n\n\ndef f(a, b):\n    return missing + a\n"
    verdict = review(tmp_path, {"app.py": "# a line more\n" + old + "\n\ndef g():\n    return 1\n"}, {"app.py": old})
    assert (verdict.status, verdict.findings, verdict.measured) == (Status.PASSED, (), 10.0)
    assert verdict.summary == "0 critical, 0 high (W 0 / S 2)"


def test_what_a_change_causes_on_an_unchanged_line_counts(tmp_path: Path) -> None:
    old = "import os\n\n\ndef f():\n    return os.name\n"
    verdict = review(tmp_path, {"app.py": old.replace("os.name", "1")}, {"app.py": old})
    assert [(f.rule, f.line, f.severity) for f in verdict.findings] == [("unused-import", 1, Severity.LOW)]
    assert (verdict.status, verdict.measured) == (Status.PASSED, 9.0)


def test_the_score_alone_can_block_and_names_what_weighs_most(tmp_path: Path) -> None:
    text = "import os\nimport sys\nimport json\nimport re\n"
    verdict = review(tmp_path, {"app.py": text})
    assert (verdict.status, verdict.measured, verdict.required, verdict.unit) == (Status.FAILED, 6.0, 7.0, "/10")
    assert not any(finding.blocks for finding in verdict.findings)
    assert "unused-import (4)" in verdict.hint
    assert review(tmp_path, {"app.py": text}, minimum=6.0).status is Status.PASSED
    assert review(tmp_path, {"app.py": text}, ignore=["W0611"]).measured == 10.0
    assert review(tmp_path, {"app.py": text}, ignore=["unused-import"]).findings == ()


def test_nothing_to_score(tmp_path: Path) -> None:
    verdict = review(tmp_path, {"app.py": '"""Words."""\n', "notes.txt": "hello\n"}, {"app.py": '"""Other."""\n'})
    assert (verdict.status, verdict.summary, verdict.measured) == (Status.PASSED, "nothing to score", None)
    assert GATE.plan(request_of(tmp_path, (changed("notes.txt", "hello\n"),)), {}) == ()


def test_whole_files_are_scored_without_a_base(tmp_path: Path) -> None:
    old = "import os\n\n\ndef f():\n    return missing\n"
    verdict = review(tmp_path, {"app.py": old}, {"app.py": old + "X = 1\n"}, kind=TargetKind.ALL)
    assert rules(verdict) == {"unused-import", "undefined-variable"}
    assert "S 3" in verdict.summary


def test_tests_may_assert_and_reach_into_private_parts(tmp_path: Path) -> None:
    body = "import random\n\n\ndef test_it(thing):\n    assert thing._inner\n    random.random()\n"
    assert review(tmp_path / "a", {"tests/test_app.py": body}).findings == ()
    assert rules(review(tmp_path / "b", {"app.py": body})) == {"S101", "S311", "protected-access"}


def test_one_place_is_told_of_once(tmp_path: Path) -> None:
    verdict = review(tmp_path, {"app.py": "def f(a=[]):\n    return a\n"})
    assert [(f.rule, f.severity) for f in verdict.findings] == [("dangerous-default-value", Severity.MEDIUM)]


def test_block_moves_the_limit(tmp_path: Path) -> None:
    text = "def f(a=[]):\n    return a\n"
    assert review(tmp_path, {"app.py": text}).status is Status.PASSED
    assert review(tmp_path, {"app.py": text}, block="medium").status is Status.FAILED
    broken = "def f():\n    return missing\n" + "f()\n" * 20
    assert review(tmp_path, {"app.py": broken}, block="critical").status is Status.PASSED


def test_the_projects_own_pylint_options_rule(tmp_path: Path) -> None:
    files = {"app.py": "import os\n", ".pylintrc": "[MAIN]\ndisable=unused-import\n"}
    verdict = review(tmp_path, files)
    assert rules(verdict) == {"missing-module-docstring"}  # the default profile leaves it to the docs gate
    assert any(note.startswith("pylint options: .pylintrc (this change edits it") for note in verdict.notes)


def test_a_range_does_not_choose_its_own_judge(tmp_path: Path) -> None:
    head = {"app.py": "def f():\n    return missing\n", ".pylintrc": "[MAIN]\ndisable=all\n"}
    base = {"app.py": "def f():\n    return 1\n"}
    assert review(tmp_path, head, base, kind=TargetKind.RANGE).status is Status.FAILED


def test_third_party_imports_that_do_not_resolve_degrade_and_never_block(tmp_path: Path) -> None:
    text = "import no_such_thing\nfrom app import nothing\n\nno_such_thing.go(nothing)\n"
    text += "\n\nclass Model(no_such_thing.Base):\n    x: int\n"
    verdict = review(tmp_path, {"app/__init__.py": "", "app/main.py": text})
    assert verdict.findings == ()
    assert any(note.startswith("review degraded: 1 of 1 third-party") for note in verdict.notes)
    optional = "try:\n    import no_such_thing\nexcept ImportError:\n    no_such_thing = None\nX = no_such_thing\n"
    assert not any("degraded" in n for n in review(tmp_path / "b", {"app.py": optional}).notes)


def test_what_only_the_docs_import_does_not_degrade_the_review_of_the_sources(tmp_path: Path) -> None:
    files = {"app/__init__.py": "", "app/main.py": "from app import nothing\n\nX = nothing\n"}
    verdict = review(tmp_path / "a", {**files, "docs/conf.py": "import no_such_thing\n\nX = no_such_thing\n"})
    assert not any("degraded" in note for note in verdict.notes)
    assert rules(verdict) == {"no-name-in-module"}
    alone = review(tmp_path / "b", {"docs/conf.py": "import no_such_thing\n\nX = no_such_thing\n"})
    assert any("degraded" in note for note in alone.notes)


def test_code_for_another_python_is_not_held_against_the_one_that_looks(tmp_path: Path) -> None:
    text = """
        import sys
        from typing import TypeVar

        if sys.version_info >= (3, 99):
            T = TypeVar("T", later=int)
            NOW = sys.later()
        else:
            T = TypeVar("T")
            NOW = undefined
    """
    assert rules(review(tmp_path / "a", {"app.py": text})) == {"undefined-variable"}
    unguarded = text.replace("sys.version_info >= (3, 99)", "sys.argv")
    assert {"unexpected-keyword-arg", "no-member"} <= rules(review(tmp_path / "b", {"app.py": unguarded}))


def test_a_first_argument_of_another_name_does_not_block(tmp_path: Path) -> None:
    text = """
        from app.hooks import validator

        class Model:
            def plain(self):
                return self

            @validator("age")
            def old_enough(cls, value):
                return cls, value
    """
    verdict = review(
        tmp_path, {"app/__init__.py": "", "app/hooks.py": "def validator(_): return _\n", "app/m.py": text}
    )
    assert ("no-self-argument", Severity.MEDIUM) in {(f.rule, f.severity) for f in verdict.findings}
    assert verdict.status is Status.PASSED


def test_what_ruff_found_is_not_among_what_it_printed(tmp_path: Path) -> None:
    write_tree(tmp_path / "head", {"app.py": "assert True\n"})
    request = request_of(tmp_path, (changed("app.py", "assert True\n"),))
    outcomes = do(GATE.plan(request, {}))
    assert outcomes["review.security"].stdout == ""
    assert "S101" in {f.rule for f in GATE.judge(request, outcomes).findings}


def test_a_name_that_the_project_does_not_have_is_a_hard_error(tmp_path: Path) -> None:
    verdict = review(tmp_path, {"app/__init__.py": "", "app/main.py": "from app import nothing\n\nX = nothing\n"})
    assert [(f.rule, f.severity) for f in verdict.findings] == [("no-name-in-module", Severity.HIGH)]


def test_generated_and_vendored_files_are_named_and_left_out(tmp_path: Path) -> None:
    bad = "def f():\n    return missing\n"
    verdict = review(
        tmp_path, {"app/_vendor/x.py": bad, "app/made.py": "# Code generated by tool. DO NOT EDIT.\n" + bad}
    )
    assert verdict.summary == "nothing to score"
    assert set(verdict.notes) == {"left out as vendored: app/_vendor/x.py", "left out as generated: app/made.py"}


@pytest.mark.parametrize(
    "name",
    [
        "--init-hook=open('PWNED','w')#.py",
        "-rf.py",
        "with space\nand line.py",
        "not-utf8-\udcff.py",
        "@args.py",
        "comma,name.py",
        "[a]*.py",
    ],
)
def test_hostile_names_are_files_and_nothing_else(tmp_path: Path, name: str) -> None:
    verdict = review(tmp_path, {name: "import pickle\n\nX = pickle.loads(missing)\n"}, {name: CLEAN})
    assert rules(verdict) >= {"undefined-variable", "S301"}
    assert all(finding.path == name for finding in verdict.findings)
    assert not list(tmp_path.rglob("PWNED"))


def test_pylint_missing_in_the_project_is_borrowed(tmp_path: Path) -> None:
    bare = Environment(sys.executable, "test", sys.version_info[:3], {}, tuple(sys.path))
    verdict = review(tmp_path, {"app.py": "import yaml\n\nX = yaml.dump(missing)\n"}, environment=bare)
    assert "undefined-variable" in rules(verdict)
    assert any("Gatekeeper's own" in note for note in verdict.notes)


def test_a_project_in_a_folder(tmp_path: Path) -> None:
    files = {"libs/a/src/app/__init__.py": "", "libs/a/src/app/main.py": "from app import other\n\nX = other\n"}
    project = Project("libs/a", ("libs/a/src",), ("app",))
    verdict = review(tmp_path, files, project=project)
    assert [(f.rule, f.path) for f in verdict.findings] == [("no-name-in-module", "libs/a/src/app/main.py")]


class TestCouldNotLook:
    def judge(self, tmp_path: Path, **outcome: object) -> Verdict:
        write_tree(tmp_path / "head", {"app.py": "X = 1\n"})
        request = request_of(tmp_path, (changed("app.py", "X = 1\n"),))
        outcomes = do(GATE.plan(request, {}))
        job = str(outcome.pop("job", "review.lint"))
        told = {"exit_code": 0, "files": outcomes[job].files, **outcome}
        outcomes[job] = Outcome(job, **told)  # type: ignore[arg-type]
        return GATE.judge(request, outcomes)

    def test_each_trouble_is_an_error(self, tmp_path: Path) -> None:
        assert self.judge(tmp_path).status is Status.PASSED
        troubles: tuple[dict[str, object], ...] = (
            {"problem": "time limit of 1 s", "stderr": "Traceback\nboom\n"},
            {"files": {}},
            {"job": "review.security", "files": {}},
            {"job": "review.security", "files": {f"{tmp_path}/scratch/review.security.json": "[{"}},
            {"job": "review.security", "problem": "missing program"},
        )
        for trouble in troubles:
            verdict = self.judge(tmp_path, **trouble)
            assert verdict.status is Status.ERROR, trouble
            assert verdict.summary
            assert verdict.hint

    def test_a_crash_of_pylint_is_an_error(self, tmp_path: Path) -> None:
        options = "[MAIN]\nload-plugins=crashing\ninit-hook=import sys; sys.path.insert(0, '.')\n"
        plugin = """
            from pylint.checkers import BaseChecker
            class Crash(BaseChecker):
                name = "crash"
                msgs = {"W9901": ("x", "crash-here", "x")}
                def visit_module(self, node):
                    raise RuntimeError("planted")
            def register(linter):
                linter.register_checker(Crash(linter))
        """
        verdict = review(tmp_path, {"app.py": "X = 1\n", ".pylintrc": options, "crashing.py": plugin})
        assert verdict.status is Status.ERROR
        assert "pylint crashed" in verdict.summary

    def test_options_that_pylint_refuses_are_an_error(self, tmp_path: Path) -> None:
        verdict = review(tmp_path, {"app.py": "X = 1\n", ".pylintrc": "[MAIN]\njobs=many\n"})
        assert verdict.status is Status.ERROR

    def test_a_newer_python_than_the_borrowed_one(self, tmp_path: Path) -> None:
        newer = Environment(sys.executable, "test", (3, 99, 0), {}, ())
        write_tree(tmp_path / "head", {"app.py": "def f(:\n"})
        request = request_of(tmp_path, (changed("app.py", "def f(:\n"),), environment=newer)
        outcomes = do(GATE.plan(request, {}))
        outcomes["review.security"] = Outcome("review.security", 0, files={said_path(request, "review.security"): "[]"})
        verdict = GATE.judge(request, outcomes)
        assert verdict.status is Status.ERROR
        assert "-m pip install pylint" in verdict.hint


class TestCommand:
    FILE = changed("web/app.js", "// words\nlet a = 1\n\nuse(b)\n", "let a = 1\n")

    def judge(self, tmp_path: Path, report: str, **wants: object) -> Verdict:
        settings = {"run": "eslint {files}", "reads": "checkstyle", **wants}
        request = request_of(tmp_path, (self.FILE,), **settings)  # type: ignore[arg-type]
        jobs = GATE.plan(request, {})
        return GATE.judge(request, {job.id: Outcome(job.id, 1, report) for job in jobs})

    def report(self, tmp_path: Path, line: int, severity: str) -> str:
        place = f"{tmp_path}/head/web/app.js"
        error = f'<error line="{line}" column="1" severity="{severity}" message="m" source="no-undef"/>'
        return f'<checkstyle version="1"><file name="{place}">{error}</file></checkstyle>'

    def test_only_added_lines_count(self, tmp_path: Path) -> None:
        bad = self.judge(tmp_path, self.report(tmp_path, 4, "error"))
        assert (bad.status, bad.measured) == (Status.FAILED, 5.0)
        assert "0 critical, 1 high (W 5 / S 1)" in bad.summary
        assert bad.findings[0].path == "web/app.js"
        assert self.judge(tmp_path, self.report(tmp_path, 2, "error")).measured == 10.0
        assert self.judge(tmp_path, self.report(tmp_path, 4, "warning")).measured == 9.0

    def test_a_report_that_cannot_be_read_is_an_error(self, tmp_path: Path) -> None:
        for text in ("", "<checkstyle", "all fine"):
            assert self.judge(tmp_path, text).status is Status.ERROR

    @pytest.mark.parametrize("wants", [{"reads": None}, {"reads": "lcov"}, {"run": "a | b {files}"}])
    def test_a_command_that_cannot_be_used_is_an_error(self, tmp_path: Path, wants: dict[str, object]) -> None:
        assert self.judge(tmp_path, "", **wants).status is Status.ERROR


def test_secrets_with_a_reason_are_noted(tmp_path: Path) -> None:
    key = "AKIA" + "QZ7K" * 4
    files = (changed("a.ini", f"key = {key}  # gatekeeper: allow-secret revoked in May\n"),)
    verdict = GATE.judge(request_of(tmp_path, files), {})
    assert verdict.status is Status.PASSED
    assert verdict.notes == ("secret allowed at a.ini:1: revoked in May",)
    bare = GATE.judge(request_of(tmp_path, (changed("a.ini", f"key = {key}  # gatekeeper: allow-secret\n"),)), {})
    assert bare.status is Status.FAILED
    assert key not in json.dumps([f.message + f.detail for f in bare.findings])


def test_the_plan_is_the_same_when_asked_twice(tmp_path: Path) -> None:
    files: tuple[FileChange, ...] = tuple(changed(f"{'d' * 200}/{n}.py", "X = 1\n") for n in range(3000))
    request = request_of(tmp_path, files)
    jobs = GATE.plan(request, {})
    assert jobs == GATE.plan(request, {})
    assert [job.id for job in jobs][:3] == ["review.lint", "review.security", "review.security.2"]
    assert sum(arg.endswith(".py") for job in jobs[1:] for arg in job.argv) == 3000
