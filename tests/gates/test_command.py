from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.gates.command import GATE
from gatekeeper.model.candidate import Candidate, Environment, Project, Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.finding import Severity
from gatekeeper.model.job import Outcome
from gatekeeper.model.policy import GatePolicy, Setting
from gatekeeper.model.verdict import Status, Verdict
from gatekeeper.ports import Request

FIXTURES = Path(__file__).parents[1] / "formats" / "fixtures"
ROOT = "/c"
TARGET = Target(TargetKind.STAGED, "0" * 40, "1" * 40, "a change")


def changed(path: str = "src/price.ts", *spans: tuple[int, int], **more: Any) -> FileChange:
    hunks = tuple(Hunk(start - 1, 0, start, end - start + 1) for start, end in spans)
    return FileChange(path, more.pop("kind", ChangeKind.MODIFIED), hunks=hunks, **more)


def request(run: str, *files: FileChange, root: str = "", selected: Sequence[str] = (), **policy: Any) -> Request:
    settings = {key: Setting(value, ".gatekeeper.yml:3") for key, value in {"run": run, **policy}.items()}
    return Request(
        target=TARGET, change=Change("0" * 40, "1" * 40, files), policy=GatePolicy("types", settings),
        project=Project(root, ("src",), ("shop",)), environment=Environment("/env/bin/python", "found"),
        candidate=Candidate(ROOT, "/base"), selected=frozenset(selected), scratch="/scratch", programs="/programs",
        own_python="/own/python", ruff="/own/ruff",
    )  # fmt: skip


def judged(asked: Request, *outcomes: Outcome) -> Verdict:
    jobs = GATE.plan(asked, {})
    return GATE.judge(asked, {job.id: replace(seen, job=job.id) for job, seen in zip(jobs, outcomes, strict=True)})


def seen(exit_code: int | None = 0, stdout: str = "", stderr: str = "", problem: str = "", **files: str) -> Outcome:
    texts = {f"{ROOT}/{name.replace('__', '.')}": text for name, text in files.items()}
    return Outcome("", exit_code, stdout, stderr, texts, problem=problem)


def sample(name: str) -> str:
    return (FIXTURES / name).read_text().replace("/project", ROOT)


def sarif(*places: tuple[str, int | None], level: str = "error", end: int | None = None) -> str:
    results = [
        {
            "level": level, "ruleId": "R", "message": {"text": "bad"},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": path}, "region": {"startLine": line, "endLine": end},
            }}] if path else [],
        }
        for path, line in places
    ]  # fmt: skip
    return json.dumps({"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": results}]})


class TestPlan:
    def test_one_job_on_the_changed_files(self) -> None:
        files = (
            changed("src/a.py"), changed("-b.py"), changed("gone.py", kind=ChangeKind.DELETED),
            changed("link", mode="120000"), changed("sub", mode="160000"),
        )  # fmt: skip
        (job,) = GATE.plan(request("mypy {files}", *files, timeout=30), {})
        assert job.id == "types.command"
        assert job.argv == ("mypy", "src/a.py", "./-b.py")
        assert (job.cwd, job.seconds_limit, job.looked, job.needs) == (ROOT, 30, {0, 1}, ())

    def test_paths_are_those_of_the_project(self) -> None:
        asked = request("tsc {files}", changed("web/src/a.ts"), root="web", reads={"lcov": "cov/lcov.info"})
        (job,) = GATE.plan(asked, {})
        assert (job.argv, job.cwd) == (("tsc", "src/a.ts"), f"{ROOT}/web")
        assert job.outputs == (f"{ROOT}/web/cov/lcov.info",)
        assert dict(job.env)["GATEKEEPER_PATH_FIRST"] == f"/env/bin:{ROOT}/web/node_modules/.bin"

    def test_the_environment(self) -> None:
        (job,) = GATE.plan(request("x", env={"CI": "1", "PYTHONPATH": "own"}), {})
        assert dict(job.env) == {
            "GATEKEEPER_PATH_FIRST": f"/env/bin:{ROOT}/node_modules/.bin", "PYTHONPATH": "own", "CI": "1",
        }  # fmt: skip
        (job,) = GATE.plan(request("x"), {})
        assert dict(job.env)["PYTHONPATH"] == f"{ROOT}/src"

    def test_more_files_than_fit_into_one_argument_list(self) -> None:
        files = [changed(f"src/{'x' * 200}{number}.py") for number in range(600)]
        jobs = GATE.plan(request("mypy {files}", *files), {})
        assert [job.id for job in jobs] == ["types.command", "types.command2"]
        assert [word for job in jobs for word in job.argv[1:]] == [file.path for file in files]
        assert not any(job.needs for job in jobs)

    def test_jobs_that_write_the_same_report_wait_for_each_other(self) -> None:
        files = [changed(f"src/{'x' * 200}{number}.py") for number in range(600)]
        first, second = GATE.plan(request("t {files}", *files, reads={"sarif": "out.sarif"}), {})
        assert not first.needs
        assert [(need.job, need.proof) for need in second.needs] == [("types.command", "writes the same out.sarif")]

    @pytest.mark.parametrize(
        ("needs", "jobs"),
        [
            (["tests"], ["tests.pytest", "tests.command"]),
            ("build", ["build.command"]),
            (["build", "off", "types"], ["build.command"]),
            ([], []),
        ],
    )
    def test_needs_of_gates_that_are_judged(self, needs: object, jobs: list[str]) -> None:
        (job,) = GATE.plan(request("x", needs=needs, selected=["tests", "build", "types"]), {})
        assert [need.job for need in job.needs] == jobs
        assert all(need.proof.startswith("declared in the configuration: needs: [") for need in job.needs)

    @pytest.mark.parametrize("run", ["mypy {files}", "mypy"])
    def test_nothing_to_look_at(self, run: str) -> None:
        asked = request(run, paths=["src"])
        assert GATE.plan(asked, {}) == ()
        assert judged(asked).status is Status.SKIPPED
        assert judged(asked).summary == "no changed file matches its paths"

    def test_a_command_without_files_and_paths_always_runs(self) -> None:
        assert len(GATE.plan(request("jest"), {})) == 1
        assert len(GATE.plan(request("jest", changed("a.ts", kind=ChangeKind.DELETED), paths=["*.ts"]), {})) == 1

    @pytest.mark.parametrize(
        "policy",
        [
            {"run": "mypy 'x"}, {"run": ""}, {"run": "a && b"}, {"run": "x", "reads": {"junit": "../junit.xml"}},
            {"run": "x", "reads": {"junit": "/etc/passwd"}}, {"run": "x", "reads": 7}, {"run": "x", "fails": "1"},
            {"run": "x", "fails": [True]},
        ],
    )  # fmt: skip
    def test_settings_that_describe_no_command_are_an_error(self, policy: dict[str, Any]) -> None:
        asked = request(**policy)
        assert GATE.plan(asked, {}) == ()
        verdict = judged(asked)
        assert (verdict.status, verdict.hint) == (
            Status.ERROR,
            "Mend the settings of the gate types (.gatekeeper.yml:3)",
        )

    @given(st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=20), max_size=10))
    def test_no_name_can_become_an_option(self, names: list[str]) -> None:
        for job in GATE.plan(request("tool {files}", *(changed(name) for name in names)), {}):
            assert not any(word.startswith("-") for word in job.argv[1:])


class TestExitCode:
    def test_passed(self) -> None:
        assert judged(request("mypy src"), seen(0)).status is Status.PASSED
        assert judged(request("mypy src", reads="exit-code"), seen(0)).status is Status.PASSED

    def test_failed_with_the_end_of_its_output(self) -> None:
        said = "\x1b[31msrc/a.py:1: error\x1b[0m\n\x1b]0;title\x07evil\x08\n" + "line\n" * 500 + "Found 1 error"
        verdict = judged(request("mypy src"), seen(1, stdout=said))
        assert (verdict.status, verdict.summary) == (Status.FAILED, "mypy src ended with exit code 1")
        (finding,) = verdict.findings
        assert finding.blocks
        assert finding.severity is Severity.HIGH
        assert finding.detail.endswith("Found 1 error")
        assert len(finding.detail.splitlines()) <= 40
        assert "\x1b" not in finding.detail

    def test_one_bad_batch_is_enough(self) -> None:
        asked = request("t {files}", *(changed("x" * 60_000 + str(number)) for number in range(2)))
        assert judged(asked, seen(0), seen(1)).status is Status.FAILED

    def test_a_code_that_the_policy_calls_bad(self) -> None:
        asked = request("tsc", fails=[1, 2])
        assert GATE.plan(asked, {})[0].looked == {0, 1, 2}
        assert judged(asked, seen(2)).status is Status.FAILED


class TestTrouble:
    @pytest.mark.parametrize(
        ("outcome", "hint"),
        [
            (seen(None, problem="mypy could not be started: No such file or directory"), "Install mypy; it is looked for in /env/bin, /c/node_modules/.bin and on the PATH"),
            (seen(2, stderr="INTERNAL ERROR", problem="mypy ended with exit code 2"), "set `fails: [1, 2]`"),
            (seen(None, problem="it went over its time limit of 600 s"), "larger `timeout` than 600 seconds"),
            (seen(None, problem="there is no folder /c/part"), "takes the configuration of this project away"),
            (seen(None, problem="it was killed"), "Run it by hand in the root of the repository: mypy src"),
        ],
    )  # fmt: skip
    def test_could_not_look(self, outcome: Outcome, hint: str) -> None:
        verdict = judged(request("mypy src"), outcome)
        assert (verdict.status, verdict.summary) == (Status.ERROR, outcome.problem)
        assert hint in verdict.hint
        assert verdict.findings[0].detail == outcome.stderr

    def test_a_job_that_never_ran(self) -> None:
        assert GATE.judge(request("mypy src"), {}).status is Status.ERROR

    @pytest.mark.parametrize("reads", ["sarif", {"junit": "junit.xml"}, {"lcov": "x.info"}, {"cobertura": "c.xml"}])
    @pytest.mark.parametrize("text", [None, "", "{", "<a>"])
    def test_a_report_that_is_missing_or_unreadable(self, reads: object, text: str | None) -> None:
        names = {"junit__xml", "x__info", "c__xml"}
        files = {} if text is None else dict.fromkeys(names, text)
        verdict = judged(request("t", changed(), reads=reads), seen(0, stdout=text or "", **files))
        assert verdict.status is Status.ERROR
        assert verdict.hint
        assert verdict.findings[0].blocks

    def test_a_format_that_nobody_knows(self) -> None:
        assert judged(request("t", reads="tap"), seen(0)).status is Status.ERROR


class TestDiagnostics:
    def test_eslint_on_added_lines(self) -> None:
        asked = request("eslint {files}", changed("src/price.ts", (9, 12)), reads="sarif")
        verdict = judged(asked, seen(1, stdout=sample("eslint_findings.sarif")))
        assert verdict.status is Status.FAILED
        assert [(f.path, f.line, f.rule, f.severity, f.blocks) for f in verdict.findings] == [
            ("src/price.ts", 9, "no-var", Severity.HIGH, True),
            ("src/price.ts", 10, "@typescript-eslint/no-unused-vars", Severity.HIGH, True),
        ]
        assert (verdict.measured, verdict.required, verdict.unit) == (2, 0, "findings")
        assert verdict.summary == "2 findings on changed lines, 2 of them high or worse"
        assert verdict.notes == ("1 more about lines that the change did not bring",)

    def test_what_was_there_before_does_not_block(self) -> None:
        asked = request("eslint {files}", changed("src/price.ts", (1, 3)), reads="sarif")
        assert judged(asked, seen(1, stdout=sample("eslint_findings.sarif"))).status is Status.PASSED

    def test_whole_files_where_everything_is_judged(self) -> None:
        asked = request("eslint {files}", changed("src/price.ts"), reads="sarif")
        asked = replace(asked, target=replace(TARGET, kind=TargetKind.ALL))
        assert len(judged(asked, seen(1, stdout=sample("eslint_findings.sarif"))).findings) == 3

    def test_checkstyle_from_a_file(self) -> None:
        asked = request("t", changed("src/price.ts", (8, 8)), reads={"checkstyle": "out.xml"})
        verdict = judged(asked, seen(1, out__xml=sample("eslint_checkstyle.xml")))
        assert [finding.line for finding in verdict.findings] == [8]

    @pytest.mark.parametrize(
        ("level", "block", "status"),
        [
            ("error", "high", Status.FAILED),
            ("warning", "high", Status.PASSED),
            ("warning", "medium", Status.FAILED),
            ("note", "medium", Status.PASSED),
            ("none", "low", Status.FAILED),
            ("error", "critical", Status.PASSED),
        ],
    )
    def test_severity_against_block(self, level: str, block: str, status: Status) -> None:
        asked = request("t", changed("a.ts", (1, 9)), reads="sarif", block=block)
        assert judged(asked, seen(1, stdout=sarif(("a.ts", 3), level=level))).status is status

    @pytest.mark.parametrize(
        ("path", "line", "end", "count"),
        [
            ("a.ts", 4, None, 0), ("a.ts", 5, None, 1), ("a.ts", 7, None, 0), ("a.ts", 1, 5, 1), ("a.ts", 1, 4, 0),
            ("a.ts", 6, 3, 1), ("a.ts", None, None, 1), ("b.ts", 5, None, 0), ("b.ts", None, None, 0), ("", None, None, 1),
            ("/elsewhere/a.ts", 5, None, 0), ("../a.ts", 5, None, 0),
        ],
    )  # fmt: skip
    def test_what_the_change_is_blamed_for(self, path: str, line: int | None, end: int | None, count: int) -> None:
        asked = request("t", changed("a.ts", (5, 6)), reads="sarif")
        assert len(judged(asked, seen(1, stdout=sarif((path, line), end=end))).findings) == count

    def test_a_project_in_a_folder(self) -> None:
        asked = request("t", changed("web/a.ts", (5, 6)), root="web", reads="sarif")
        verdict = judged(asked, seen(1, stdout=sarif((f"file://{ROOT}/web/a.ts", 5), ("a.ts", 6))))
        assert [finding.path for finding in verdict.findings] == ["web/a.ts", "web/a.ts"]

    def test_an_exit_code_that_the_report_does_not_explain(self) -> None:
        verdict = judged(request("t", changed(), reads="sarif"), seen(1, stdout=sarif(), stderr="boom"))
        assert verdict.status is Status.ERROR
        assert "complains of nothing" in verdict.summary
        assert verdict.findings[-1].detail == "boom"

    def test_one_batch_does_not_explain_the_exit_code_of_another(self) -> None:
        asked = request("t {files}", *(changed("x" * 60_000 + str(number)) for number in range(2)), reads="sarif")
        assert judged(asked, seen(1, stdout=sarif(("a", 1))), seen(1, stdout=sarif())).status is Status.ERROR
        assert judged(asked, seen(1, stdout=sarif(("a", 1))), seen(0, stdout=sarif())).status is Status.PASSED

    def test_a_message_that_would_move_the_cursor(self) -> None:
        text = sarif(("a.ts", 5)).replace("bad", "\\u001b[2Jbad\\nworse" + "x" * 5000)
        (finding,) = judged(request("t", changed("a.ts", (5, 5)), reads="sarif"), seen(1, stdout=text)).findings
        assert finding.message.startswith("bad worse")
        assert len(finding.message) <= 1000


class TestTests:
    def test_jest_failures(self) -> None:
        verdict = judged(request("jest", reads={"junit": "j.xml"}), seen(1, j__xml=sample("jest_failures.xml")))
        assert (verdict.status, verdict.summary) == (Status.FAILED, "2 of 5 tests failed, 1 skipped")
        assert [finding.rule for finding in verdict.findings] == ["test-failed", "test-failed"]
        assert "Received: 150" in verdict.findings[0].detail

    def test_passed(self) -> None:
        text = "<testsuite tests='2'><testcase name='a'/><testcase name='b'/></testsuite>"
        verdict = judged(request("jest", reads="junit"), seen(0, stdout=text))
        assert (verdict.status, verdict.summary, verdict.measured) == (Status.PASSED, "2 tests passed", 0)

    @pytest.mark.parametrize(
        "text", ["<testsuites/>", "<testsuite><testcase name='a'><skipped/></testcase></testsuite>"]
    )
    def test_no_test_ran(self, text: str) -> None:
        assert judged(request("jest", reads="junit"), seen(0, stdout=text)).status is Status.ERROR

    def test_exit_code_and_report_disagree(self) -> None:
        good, bad = "<testsuite><testcase name='a'/></testsuite>", sample("jest_failures.xml")
        assert judged(request("jest", reads="junit"), seen(1, stdout=good)).status is Status.ERROR
        verdict = judged(request("jest", reads="junit"), seen(0, stdout=bad))
        assert verdict.status is Status.ERROR
        assert len(verdict.findings) == 2

    def test_the_place_of_a_failure(self) -> None:
        text = f"<testsuite><testcase name='a' file='{ROOT}/web/a.test.ts' line='3'><failure/></testcase></testsuite>"
        (finding,) = judged(request("jest", root="web", reads="junit"), seen(1, stdout=text)).findings
        assert (finding.path, finding.line, finding.message) == ("web/a.test.ts", 3, "a")


class TestCoverage:
    def asked(self, *spans: tuple[int, int], **policy: Any) -> Request:
        text = "".join(f"line {number}\n" for number in range(1, 20))
        return request("jest", changed("src/price.ts", *spans, text=text), reads={"lcov": "l.info"}, **policy)

    def test_jest(self) -> None:
        verdict = judged(self.asked((8, 14)), seen(0, l__info=sample("jest.lcov")))
        assert (verdict.status, verdict.required, verdict.unit) == (Status.FAILED, 85, "%")
        assert verdict.measured == pytest.approx(100 / 6)
        assert verdict.summary == "1 of 6 executable changed lines were run by tests"
        assert [(f.line, f.end_line, f.blocks) for f in verdict.findings] == [(9, 12, True), (14, 14, True)]
        assert verdict.findings[0].detail == "line 9\nline 10\nline 11\nline 12"

    def test_cobertura_says_the_same(self) -> None:
        asked = request("jest", changed("src/price.ts", (8, 14)), reads="cobertura")
        assert judged(asked, seen(0, stdout=sample("jest_cobertura.xml"))).measured == pytest.approx(100 / 6)

    @pytest.mark.parametrize(
        ("policy", "required"), [({}, 85), ({"minimum": 10}, 10), ({"minimum": 16.66}, 16.66), ({"minimum": 0}, 0)]
    )
    def test_minimum(self, policy: Mapping[str, float], required: float) -> None:
        verdict = judged(self.asked((8, 14), **policy), seen(0, l__info=sample("jest.lcov")))
        assert verdict.required == required
        assert (verdict.status is Status.PASSED) is (required < 17)
        assert not any(finding.blocks for finding in verdict.findings) or verdict.status is Status.FAILED

    def test_exactly_the_minimum_passes(self) -> None:
        text = "SF:src/price.ts\n" + "".join(f"DA:{n},{int(n > 3)}\n" for n in range(1, 21)) + "end_of_record\n"
        assert judged(self.asked((1, 20)), seen(0, l__info=text)).status is Status.PASSED

    @pytest.mark.parametrize("spans", [[], [(4, 4)], [(6, 7)]])
    def test_nothing_to_cover(self, spans: list[tuple[int, int]]) -> None:
        verdict = judged(self.asked(*spans), seen(0, l__info=sample("jest.lcov")))
        assert (verdict.status, verdict.measured) == (Status.SKIPPED, None)

    def test_a_source_that_the_report_does_not_know_is_named(self) -> None:
        asked = request("jest", changed("src/new.ts", (1, 5)), changed("a.md", (1, 1)), reads={"lcov": "l.info"})
        verdict = judged(asked, seen(0, l__info=sample("jest.lcov")))
        assert verdict.notes == ("the report says nothing of src/new.ts",)

    def test_everything(self) -> None:
        asked = replace(self.asked(), target=replace(TARGET, kind=TargetKind.ALL))
        assert judged(asked, seen(0, l__info=sample("jest.lcov"))).summary.startswith("5 of 10 ")

    def test_a_bad_exit_code_blocks_though_the_coverage_is_good(self) -> None:
        verdict = judged(self.asked((1, 3)), seen(1, stdout="threshold not met", l__info=sample("jest.lcov")))
        assert verdict.status is Status.FAILED
        assert verdict.findings[-1].detail == "threshold not met"


class TestSeveralReports:
    READS = {"junit": "j.xml", "lcov": "l.info"}  # noqa: RUF012 - never written to

    @pytest.mark.parametrize(
        ("exit_code", "junit", "span", "status"),
        [
            (0, "good", (1, 3), Status.PASSED),
            (0, "good", (9, 12), Status.FAILED),
            (0, "good", (4, 4), Status.PASSED),
            (1, "bad", (1, 3), Status.FAILED),
            (1, "good", (1, 3), Status.ERROR),
            (0, "bad", (1, 3), Status.ERROR),
        ],
    )
    def test_the_worst_counts(self, exit_code: int, junit: str, span: tuple[int, int], status: Status) -> None:
        text = sample("jest_failures.xml") if junit == "bad" else "<testsuite><testcase name='a'/></testsuite>"
        asked = request("jest", changed("src/price.ts", span), reads=self.READS)
        verdict = judged(asked, seen(exit_code, j__xml=text, l__info=sample("jest.lcov")))
        assert verdict.status is status
        assert "; " in verdict.summary

    def test_one_missing_report_is_an_error(self) -> None:
        text = "<testsuite><testcase name='a'/></testsuite>"
        verdict = judged(request("jest", changed(), reads=self.READS), seen(0, j__xml=text))
        assert (verdict.status, verdict.summary) == (Status.ERROR, "the command wrote no l.info")
