"""A change does not choose its own judge: each attack of the threat model, through the real command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gatekeeper.edges.outcomes import Outcomes
from gatekeeper.edges.places import repository_folder
from tests.e2e.test_planted_defects import BASE, MODULE, body
from tests.repository import GitRepository, Run

Files = dict[str, str | bytes]

UNTESTED = {"sums.py": body("return first")}
COVERAGE = ("--gate", "coverage")
NO_RANDOM = "-p no:randomly"


def judged(
    repository: GitRepository, base: Files, change: Files, *arguments: str,
    gone: tuple[str, ...] = (), env: dict[str, str] | None = None,
) -> Run:  # fmt: skip
    """Commit a base and a change upon it, and judge the range."""
    repository.commit(BASE | base)
    repository.git("switch", "--quiet", "--create", "change")
    for name in gone:
        repository.git("rm", "--quiet", "--", name)
    if change:
        repository.stage(change)
    repository.git("commit", "--quiet", "--message", "A change")
    return repository.gatekeeper("--base", "main", *arguments, env=env)


def told(run: Run) -> set[str]:
    """What the report says of relaxations."""
    return {f"{change['kind']} {change['what']}" for change in run.report["policy"]["changes"]}


def of(run: Run, what: str) -> dict[str, object]:
    """The one relaxation of this name."""
    return next(change for change in run.report["policy"]["changes"] if change["what"] == what)


# 13: the change lowers a threshold


def test_a_lowered_minimum_does_not_hold(repository: GitRepository) -> None:
    config = "gates:\n  coverage: {minimum: %d}\n"
    run = judged(repository, {".gatekeeper.yml": config % 90}, {".gatekeeper.yml": config % 0, **UNTESTED}, *COVERAGE)
    assert (run.exit, run.verdict("coverage")["required"]) == (1, 90)
    change = of(run, "gates.coverage.minimum")
    assert (change["before"], change["after"], change["held"]) == ("90", "0", True)
    assert (change["path"], change["line"]) == (".gatekeeper.yml", 2)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".coveragerc", "[report]\nexclude_lines = return first\n[run]\nomit = {}\n"),
        ("setup.cfg", "[coverage:report]\nexclude_lines = return first\n[coverage:run]\nomit = {}\n"),
        ("tox.ini", "[coverage:report]\nexclude_lines = return first\n[coverage:run]\nomit = {}\n"),
        ("pyproject.toml", "[tool.coverage]\nreport.exclude_lines = ['return first']\nrun.omit = ['{}']\n"),
    ],
)
@pytest.mark.parametrize("omit", ["sums.py", "nothing.py"])
def test_what_coverage_leaves_out_is_what_the_base_leaves_out(
    repository: GitRepository, name: str, text: str, omit: str
) -> None:
    base = {name: "[tool.other]\n" if name.endswith("toml") else "[other]\n"}
    run = judged(repository, base, {name: text.format(omit), **UNTESTED}, *COVERAGE)
    assert (run.exit, run.status("coverage")) == (1, "failed")
    assert {"tool coverage report.exclude_lines", "tool coverage run.omit"} <= told(run)
    assert of(run, "coverage run.omit")["held"]


def test_what_the_base_leaves_out_stays_out(repository: GitRepository) -> None:
    rules = "[run]\nsource = .\nomit = sums.py\n"
    run = judged(repository, {".coveragerc": rules}, UNTESTED, *COVERAGE)
    assert (run.exit, run.status("coverage")) == (0, "skipped")


# 14: the change silences what would be said


def test_suppressions_are_listed(repository: GitRepository) -> None:
    module = MODULE + "\n\n# pylint: disable=invalid-name\nX = eval('1')  # noqa: S307\n"
    module += "\n\ndef more():  # pragma: no cover\n    return X  # type: ignore\n"
    module += '\n\nTEXT = "# noqa: no comment at all"\n'
    run = judged(repository, {}, {"sums.py": module}, "--gate", "review")
    found = [c for c in run.report["policy"]["changes"] if c["kind"] == "suppression"]
    assert [(c["what"], c["line"]) for c in found] == [
        ("pylint: disable", 9), ("noqa", 10), ("pragma: no cover", 13), ("type: ignore", 14)
    ]  # fmt: skip
    assert not any(c["held"] for c in found)


def test_what_pylint_is_told_is_what_the_base_tells_it(repository: GitRepository) -> None:
    rules = "[MAIN]\n"
    bad = {".pylintrc": "[MESSAGES CONTROL]\ndisable = all\n", "sums.py": body("return frist")}
    run = judged(repository, {".pylintrc": rules}, bad, "--gate", "review")
    assert (run.exit, run.rules("review") & {"undefined-variable"}) == (1, {"undefined-variable"})
    assert "tool pylint disable" in told(run)


BROKEN = {"tests/test_more.py": '"""More."""\n\n\ndef test_more() -> None:\n    """More."""\n    assert 0\n'}


@pytest.mark.parametrize(
    "settings",
    [
        f"addopts = {NO_RANDOM} --ignore=tests/test_more.py",
        f"addopts = {NO_RANDOM} -k 'not more'",
        f"addopts = {NO_RANDOM} --deselect tests/test_more.py::test_more",
        f"addopts = {NO_RANDOM}\ntestpaths = tests/test_sums.py",
        f"addopts = {NO_RANDOM}\npython_files = test_sums.py",
        f"addopts = {NO_RANDOM}\npython_functions = test_add",
        f"addopts = {NO_RANDOM}\nnorecursedirs = more tests",
        f"addopts = {NO_RANDOM} -o python_files=test_sums.py",
    ],
)
def test_no_setting_of_the_change_keeps_a_test_from_running(repository: GitRepository, settings: str) -> None:
    base = {
        "pytest.ini": f"[pytest]\naddopts = {NO_RANDOM}\n",
        "tests/test_more.py": BROKEN["tests/test_more.py"].replace("assert 0", "assert 1"),
    }
    run = judged(repository, base, {"pytest.ini": f"[pytest]\n{settings}\n", **BROKEN}, "--gate", "tests")
    assert (run.exit, run.status("tests")) == (1, "failed"), run.verdict("tests")
    assert any(what.startswith("tool pytest ") for what in told(run))


def test_a_nearer_file_of_pytest_does_not_take_the_place_of_the_base_s(repository: GitRepository) -> None:
    base = {"pyproject.toml": f"[tool.pytest.ini_options]\naddopts = '{NO_RANDOM}'\n", **BROKEN}
    change = {"pytest.ini": f"[pytest]\naddopts = {NO_RANDOM} -k add\n", "README.md": "# sums\n"}
    run = judged(repository, base, change, "--gate", "tests")
    assert (run.exit, run.status("tests")) == (1, "failed")


def test_a_change_may_add_markers_and_places_of_tests(repository: GitRepository) -> None:
    base = {"pytest.ini": f"[pytest]\naddopts = {NO_RANDOM} --strict-markers\ntestpaths = tests\n"}
    added = f"[pytest]\naddopts = {NO_RANDOM} --strict-markers -ra\ntestpaths = tests more\nmarkers =\n    slow: slow\n"
    test = '"""More."""\n\nimport pytest\n\n\n@pytest.mark.slow\ndef test_more():\n    """More."""\n'
    run = judged(repository, base, {"pytest.ini": added, "more/test_more.py": test}, "--gate", "tests")
    assert (run.exit, run.verdict("tests")["summary"].split(" in ")[0]) == (0, "2 passed")
    assert "tool pytest addopts" not in told(run)


def test_an_option_that_its_conftest_no_longer_knows_is_an_error_that_says_why(repository: GitRepository) -> None:
    conftest = 'def pytest_addoption(parser):\n    parser.addoption("--slow", action="store_true")\n'
    base = {"pytest.ini": f"[pytest]\naddopts = {NO_RANDOM} --slow\n", "conftest.py": conftest}
    change = {"pytest.ini": f"[pytest]\naddopts = {NO_RANDOM}\n", "conftest.py": "X = 1\n"}
    run = judged(repository, base, change, "--gate", "tests")
    assert (run.exit, run.status("tests")) == (3, "error")
    assert "what the base says" in run.verdict("tests")["hint"]


def test_strict_xfail_stays(repository: GitRepository) -> None:
    xfail = '"""More."""\n\nimport pytest\n\n\n@pytest.mark.xfail\ndef test_more():\n    """More."""\n'
    base = {"pytest.ini": f"[pytest]\naddopts = {NO_RANDOM}\nxfail_strict = true\n"}
    change = {"pytest.ini": f"[pytest]\naddopts = {NO_RANDOM}\n", "tests/test_more.py": xfail}
    run = judged(repository, base, change, "--gate", "tests")
    assert (run.exit, run.status("tests")) == (1, "failed")
    assert {"tool pytest xfail_strict", "test xfail: test_more"} <= told(run)


def test_deleted_and_skipped_tests_are_listed(repository: GitRepository) -> None:
    two = '"""Two."""\n\n\ndef test_one():\n    """One."""\n\n\ndef test_two():\n    """Two."""\n'
    skipped = two.replace("def test_two", "@pytest.mark.skip\ndef test_two").replace(
        '"""\n\n\n', '"""\n\nimport pytest\n\n\n', 1
    )
    base = {"tests/test_gone.py": two, "tests/test_less.py": two.replace("_two", "_other"), "tests/test_skip.py": two}
    less = two[: two.index("def test_two")].rstrip() + "\n"
    run = judged(
        repository, base, {"tests/test_less.py": less, "tests/test_skip.py": skipped}, "--gate", "tests",
        gone=("tests/test_gone.py",),
    )  # fmt: skip
    assert run.exit == 0
    assert {"test a file of tests", "test removed: test_other", "test skip: test_two"} <= told(run)


# 15: the change deletes the configuration


def test_a_deleted_configuration_still_holds(repository: GitRepository) -> None:
    config = "gates:\n  review: {minimum: 9}\n  style: {run: 'false'}\n"
    run = judged(repository, {".gatekeeper.yml": config}, {"README.md": "# sums\n"}, gone=(".gatekeeper.yml",))
    assert run.exit == 1
    assert run.status("style") == "failed"
    assert of(run, "gates.style")["after"] == "removed"
    assert of(run, "gates.review.minimum")["after"] == "7"


# 16: the change raises a threshold


def test_a_raised_minimum_and_a_new_gate_hold_at_once(repository: GitRepository) -> None:
    stricter = "gates:\n  coverage: {minimum: 100}\n  never: {run: 'false'}\n"
    run = judged(repository, {".gatekeeper.yml": "gates:\n  coverage: {minimum: 50}\n"}, {".gatekeeper.yml": stricter})
    assert (run.exit, run.status("never")) == (1, "failed")
    assert run.report["policy"]["changes"] == []
    assert run.report["policy"]["source"].endswith("tightened by the change")


# 17: the change edits what starts the judge


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (".github/workflows/ci.yml", "workflow"),
        (".github/CODEOWNERS", "owners"),
        ("CODEOWNERS", "owners"),
        (".pre-commit-config.yaml", "hook"),
        ("lefthook.yml", "hook"),
        (".husky/pre-commit", "hook"),
        ("hooks/pre-push", "hook"),
        (".gatekeeper/overrides.yml", "override"),
    ],
)
def test_edits_of_what_starts_the_judge_are_told(repository: GitRepository, name: str, kind: str) -> None:
    run = judged(repository, {name: "# one\n"}, {name: "# two\n"}, "--gate", "review")
    assert run.exit == 0
    assert [(change["kind"], change["path"]) for change in run.report["policy"]["changes"]] == [(kind, name)]


# 18: the base has no configuration


def test_the_first_configuration_is_used_and_what_is_mild_in_it_is_told(repository: GitRepository) -> None:
    first = "gates:\n  coverage: {minimum: 10}\n  review: {minimum: 9}\n  docs: off\n"
    run = judged(repository, {}, {".gatekeeper.yml": first, **UNTESTED}, "--gate", "coverage")
    assert run.verdict("coverage")["required"] == 10
    assert any("the base has no configuration" in note for note in run.report["notes"])
    assert told(run) == {"setting gates.coverage.minimum", "gate gates.docs.enabled"}
    assert not of(run, "gates.coverage.minimum")["held"]


# 19 and 20: a configuration that is none


@pytest.mark.parametrize(
    ("text", "line"), [("gates:\n  review: {minimun: 1}\n", 2), ("gates:\n  review:\n    minimum: ten\n", 3)]
)
def test_a_wrong_configuration_is_an_error_with_its_line(repository: GitRepository, text: str, line: int) -> None:
    run = judged(repository, {".gatekeeper.yml": "gates: {}\n"}, {".gatekeeper.yml": text})
    assert run.exit == 2
    assert f".gatekeeper.yml:{line}" in run.stderr


def test_a_configuration_that_is_a_link_is_an_error(repository: GitRepository) -> None:
    repository.commit({**BASE, ".gatekeeper.yml": "gates: {}\n"})
    repository.git("switch", "--quiet", "--create", "change")
    (repository.path / ".gatekeeper.yml").unlink()
    (repository.path / ".gatekeeper.yml").symlink_to("/etc/passwd")
    repository.git("commit", "--quiet", "--all", "--message", "A link")
    run = repository.gatekeeper("--base", "main")
    assert run.exit == 2
    assert "root:" not in run.stderr


def test_where_a_link_leads_is_never_read_as_a_configuration(repository: GitRepository) -> None:
    repository.commit({**BASE, ".gatekeeper.yml": "gates: {}\n"})
    repository.git("switch", "--quiet", "--create", "change")
    (repository.path / ".gatekeeper.yml").unlink()
    (repository.path / ".gatekeeper.yml").symlink_to("{gates: {tests: off}}")
    (repository.path / "part").mkdir()
    (repository.path / "part/pyproject.toml").symlink_to("../gatekeeper/pyproject.toml")  # as in many repositories
    repository.git("add", "--all")
    run = repository.gatekeeper("--staged")
    assert (run.exit, "pyproject" in run.stderr, "regular file" in run.stderr) == (2, False, True)
    repository.git("checkout", "--quiet", "main", "--", ".gatekeeper.yml")
    assert repository.gatekeeper("--staged", "--gate", "docs").exit == 0


def test_where_a_link_leads_is_no_override(repository: GitRepository) -> None:
    entry = "{overrides: [{gate: docs, owner: Jo, reason: none, expires: '2999-01-01'}]}"
    (repository.path / ".gatekeeper").mkdir()
    (repository.path / ".gatekeeper/overrides.yml").symlink_to(entry)
    repository.git("add", "--all")
    run = judged(repository, {}, {"README.md": "More.\n"}, "--gate", "docs")
    assert [one["state"] for one in run.report["policy"]["overrides"]] == ["malformed"]


def test_a_huge_configuration_is_an_error(repository: GitRepository) -> None:
    run = judged(repository, {".gatekeeper.yml": "gates: {}\n"}, {".gatekeeper.yml": "# " + "x" * (40 << 20)})
    assert run.exit == 2
    assert ".gatekeeper.yml" in run.stderr


# overrides


def day(shift: int) -> str:
    """A day that lies so many days from today."""
    return (datetime.now(UTC).date() + timedelta(days=shift)).isoformat()


def overrides(**fields: str) -> Files:
    """A file of one override."""
    entry = {"gate": "coverage", "owner": "Jo Doe", "reason": "moves out next week", "expires": day(30), **fields}
    lines = "".join(f"    {key}: {value}\n" for key, value in entry.items() if value)
    return {".gatekeeper/overrides.yml": "overrides:\n  -\n" + lines}


def record(run: Run) -> dict[str, object]:
    """The one override that the report tells of."""
    return run.report["policy"]["overrides"][0]


def test_an_override_of_the_base_makes_a_failure_advisory(repository: GitRepository) -> None:
    run = judged(repository, overrides(), UNTESTED, *COVERAGE)
    assert run.exit == 0
    verdict = run.verdict("coverage")
    assert (verdict["status"], verdict["blocks"], verdict["override"]["owner"]) == ("failed", False, "Jo Doe")
    assert (record(run)["state"], record(run)["reason"]) == ("applied", "moves out next week")


@pytest.mark.parametrize(
    ("fields", "state", "word"),
    [
        ({"expires": day(-1)}, "expired", "it ended on"),
        ({"owner": ""}, "malformed", "`owner` is missing"),
        ({"reason": "''"}, "malformed", "`reason` is missing"),
        ({"expires": ""}, "malformed", "`expires` is missing"),
        ({"expires": "soon"}, "malformed", "`expires` must be a day"),
        ({"paths": "[other/**]"}, "not covered", "more than the paths"),
        ({"gate": "docs"}, "unused", "not judged"),
    ],
)
def test_an_override_that_does_not_hold_is_told(
    repository: GitRepository, fields: dict[str, str], state: str, word: str
) -> None:
    run = judged(repository, overrides(**fields), UNTESTED, *COVERAGE)
    assert run.exit == 1
    assert record(run)["state"] == state
    assert word in str(record(run)["why"])


def test_a_change_does_not_bring_its_own_override(repository: GitRepository) -> None:
    run = judged(repository, {}, overrides() | UNTESTED, *COVERAGE)
    assert run.exit == 1
    assert run.report["policy"]["overrides"] == []
    assert "override the overrides" in told(run)


def test_an_override_is_kept_with_the_verdict(repository: GitRepository) -> None:
    off = "".join(f"  {gate}: off\n" for gate in ("review", "coverage", "tests", "docs"))
    base = {".gatekeeper.yml": f"gates:\n{off}  never: {{run: 'false'}}\n"} | overrides(gate="never")
    run = judged(repository, base, {"README.md": "# sums\n"})
    assert (run.exit, run.status("never"), record(run)["state"]) == (0, "failed", "applied")
    assert "Jo Doe" in repository.git("notes", "--ref=gatekeeper", "show", "HEAD^{tree}")


def test_an_error_cannot_be_overridden(repository: GitRepository) -> None:
    broken = {"tests/conftest.py": "import os\n\nos._exit(0)\n"}
    run = judged(repository, overrides(gate="tests"), broken, "--gate", "tests")
    assert (run.exit, run.status("tests")) == (3, "error")
    assert record(run)["state"] == "not covered"


# what is staged


def test_relaxations_of_what_is_staged_are_listed_and_have_effect(repository: GitRepository) -> None:
    repository.commit({**BASE, ".gatekeeper.yml": "gates:\n  coverage: {minimum: 90}\n"})
    repository.stage({".gatekeeper.yml": "gates:\n  coverage: {minimum: 5}\n", **UNTESTED})
    run = repository.gatekeeper("--gate", "coverage")
    assert run.verdict("coverage")["required"] == 5
    assert not of(run, "gates.coverage.minimum")["held"]


def test_a_project_whose_folder_goes_keeps_its_gates_and_says_what_to_do(repository: GitRepository) -> None:
    nothing = "gates: {review: off, tests: off, coverage: off, docs: off}\n"
    gates = "gates: {look: {run: 'true'}, tests: on}\n"
    base: Files = {".gatekeeper.yml": nothing, "part/.gatekeeper.yml": gates, "part/a.py": "A = 1\n"}
    run = judged(repository, base, {}, gone=("part/.gatekeeper.yml", "part/a.py"))
    assert run.exit == 3
    for name in ("look", "tests"):
        verdict = run.verdict(name)
        assert "there is no folder" in verdict["summary"]
        assert "takes the configuration of this project away" in verdict["hint"]


def test_in_ci_nobody_hides_in_the_memory_what_a_change_relaxes(repository: GitRepository) -> None:
    base: Files = {".gatekeeper.yml": "gates: {tests: off, coverage: off}\n", "sums.py": body("return first")}
    change: Files = {"sums.py": body("return first  # noqa")}
    assert told(judged(repository, base, change, env={"CI": ""})) == {"suppression noqa"}
    store = Outcomes(repository_folder(f"{repository.path}/.git"))
    (kept,) = (entry for entry in store.everything() if "relaxations" in entry.key)
    store.remember([(kept.key, '{"relaxations": []}')])
    assert told(repository.gatekeeper("--base", "main", env={"CI": ""})) == set(), "the entry is the one that is asked"
    assert told(repository.gatekeeper("--base", "main", env={"CI": "true"})) == {"suppression noqa"}
