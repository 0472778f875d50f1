"""What configuration files, the environment and flags make of a policy."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.edges.config import read_policy
from gatekeeper.model.errors import UsageError
from gatekeeper.model.finding import Severity
from gatekeeper.model.policy import Policy, Setting
from gatekeeper.model.report import Exit


def policy_of(files, *, flags=None, environment=None, folders=()) -> Policy:
    contents = {name: text.encode() if isinstance(text, str) else text for name, text in files.items()}
    return read_policy(
        contents.get,
        list(contents),
        source="the index",
        flags=flags or {},
        environment=environment or {},
        folders=folders,
    )


def mistakes(files, **more) -> list[str]:
    with pytest.raises(UsageError) as caught:
        policy_of(files, **more)
    head, *lines = caught.value.message.split("\n")
    assert head.startswith("the configuration in the index has ")
    assert caught.value.exit_code is Exit.USAGE
    return lines


def yaml_mistakes(text) -> list[str]:
    return [line.removeprefix(".gatekeeper.yml:") for line in mistakes({".gatekeeper.yml": text})]


def test_defaults_hold_without_any_file():
    policy = policy_of({})
    assert [p.root for p in policy.projects] == [""]
    assert policy.source == "built-in defaults"
    review, coverage, tests, docs = policy.projects[0].gates
    assert [g.name for g in (review, coverage, tests, docs)] == ["review", "coverage", "tests", "docs"]
    assert (review.minimum, review.block, coverage.minimum) == (7.0, Severity.HIGH, 85)
    assert all(gate.enabled and not gate.advisory and gate.paths == () for gate in (review, coverage, tests, docs))
    assert tests.settings["retries"] == Setting(0, "default")
    assert docs.value("criteria") == dict.fromkeys(("D1", "D2", "D3", "D4", "D5", "D6"), "block")


def test_the_shape_of_the_readme():
    policy = policy_of(
        {
            ".gatekeeper.yml": """\
python: .venv/bin/python
source_roots: [src]
borrow: ["src/pkg/_version.py"]
base: origin/main
jobs: 8
fail_fast: false
projects: [packages/*]
gates:
  review:   {minimum: 7.0, block: high, ignore: [], paths: [], timeout: 600, advisory: false, enabled: true}
  coverage: {minimum: 85, total: 80, drop: forbid}
  tests:    {retries: 0, allow_empty: false, select: never, args: []}
  docs:     {scope: public, criteria: {D1: block, D3: warn}, exempt: "^(visit|depart)_",
             openapi: {command: "make api", file: openapi.json}}
  types:    {run: "mypy {files}", paths: ["src/**/*.py"], timeout: 300, reads: sarif}
"""
        }
    )
    project = policy.projects[0]
    assert policy.source == ".gatekeeper.yml in the index"
    assert policy.notes == ("`projects`: no folder matches `packages/*`",)
    assert project.settings["jobs"] == Setting(8, ".gatekeeper.yml:5")
    assert project.gate("coverage").settings["drop"] == Setting("forbid", ".gatekeeper.yml:10")
    assert project.gate("docs").value("openapi") == {"command": "make api", "file": "openapi.json"}
    assert project.gate("docs").settings["openapi"].origin == ".gatekeeper.yml:13"
    assert project.gate("types").paths == ("src/**/*.py",)
    assert project.gate("types").command == "mypy {files}"
    assert [gate.name for gate in project.gates] == ["review", "coverage", "tests", "docs", "types"]


@pytest.mark.parametrize(
    ("written", "enabled"),
    [
        ("off", False),
        ("false", False),
        ("on", True),
        ("true", True),
        ("", True),
        ("{}", True),
        ("{enabled: no}", False),
    ],
)
def test_a_gate_can_be_switched_by_one_word(written, enabled):
    policy = policy_of({".gatekeeper.yml": f"gates:\n  docs: {written}\n"})
    assert policy.projects[0].gate("docs").enabled is enabled


@pytest.mark.parametrize("text", ["", "# nothing\n", "gates:\n", "\ufeffgates: {}\r\n", "---\n", "{}"])
def test_an_empty_file_means_defaults(text):
    assert policy_of({".gatekeeper.yml": text}).projects == policy_of({}).projects


def test_values_have_the_form_that_gates_read():
    policy = policy_of(
        {".gatekeeper.yml": "jobs: 4.0\ngates: {docs: {criteria: {D5: off}}, tests: {args: [-x]}, lint: {run: a}}"}
    )
    project = policy.projects[0]
    assert type(project.value("jobs")) is int
    assert project.gate("docs").value("criteria")["D5"] == "off"
    assert project.gate("tests").value("args") == ("-x",)
    assert project.gate("lint").value("env") == {}
    assert project.gate("lint").value("fails") == (1,)


def test_toml_says_the_same_as_yaml():
    toml = policy_of(
        {
            "pyproject.toml": """\
[project]
name = "x"
[tool.gatekeeper]
source_roots = ["src"]
[tool.gatekeeper.gates]
review.minimum = 8
docs = false
[tool.gatekeeper.gates.types]
run = "mypy {files}"
"""
        }
    ).projects[0]
    yaml = policy_of(
        {
            ".gatekeeper.yml": "source_roots: [src]\ngates: {review: {minimum: 8}, docs: off, types: {run: 'mypy {files}'}}"
        }
    ).projects[0]
    assert toml.gate("review").settings["minimum"] == Setting(8, "pyproject.toml:6")
    assert toml.gate("docs").settings["enabled"] == Setting(False, "pyproject.toml:7")
    for one, other in zip(toml.gates, yaml.gates, strict=True):
        assert {key: s.value for key, s in one.settings.items()} == {key: s.value for key, s in other.settings.items()}


@pytest.mark.parametrize(
    "text",
    [
        "[tool]\ngatekeeper.jobs = 3\n",
        "[tool . gatekeeper]\njobs = 3\n",
        '["tool"."gatekeeper"]\njobs = 3\n',
        "tool.gatekeeper.jobs = 3",
    ],
)
def test_no_spelling_of_the_table_goes_unseen(text):
    assert policy_of({"pyproject.toml": text}).projects[0].value("jobs") == 3


@pytest.mark.parametrize(
    "text", ["", "[tool.black]\n", "not toml at all", "[project]\ndependencies = ['gatekeeper-ci']"]
)
def test_a_foreign_pyproject_has_no_say(text):
    assert policy_of({"pyproject.toml": text, "a/pyproject.toml": text}) == policy_of({})


NESTED = {
    ".gatekeeper.yml": """\
python: .venv/bin/python
jobs: 4
projects: ["packages/*", "plain"]
gates:
  coverage: {minimum: 90, total: 70}
  docs: {criteria: {D1: warn}}
  types: {run: mypy, env: {A: root, B: root}}
""",
    "packages/a/pyproject.toml": """\
[tool.gatekeeper.gates]
coverage = {minimum = 60}
docs.criteria.D2 = "off"
types.env.B = "a"
lint.run = "ruff check"
""",
    "packages/a/inner/.gatekeeper.yml": "python: python3.12\ngates: {types: off, coverage: {total: null}, tests: {}}",
}
FOLDERS = ("packages", "packages/a", "packages/a/inner", "packages/b", "packages/b/src", "plain", "other")


class TestNesting:
    def policy(self, **more):
        return policy_of(NESTED, folders=FOLDERS, **more)

    def test_the_root_comes_first_and_each_project_once(self):
        roots = [p.root for p in self.policy().projects]
        assert roots == ["", "packages/a", "packages/a/inner", "packages/b", "plain"]

    def test_nearest_wins_key_by_key(self):
        policy = self.policy()
        root, a, inner, b, _ = policy.projects
        assert [p.gate("coverage").minimum for p in (root, a, inner, b)] == [90, 60, 60, 90]
        assert [p.gate("coverage").value("total") for p in (root, a, inner, b)] == [70, 70, None, 70]
        assert a.gate("coverage").settings["total"].origin == ".gatekeeper.yml:5"
        assert a.gate("coverage").settings["minimum"].origin == "packages/a/pyproject.toml:2"
        assert inner.gate("types").enabled is False
        assert a.gate("types").enabled is True

    def test_mappings_are_merged_and_keep_the_origin_of_each_part(self):
        _, a, inner, b, _ = self.policy().projects
        assert a.gate("types").value("env") == {"A": "root", "B": "a"}
        criteria = inner.gate("docs").settings["criteria"]
        assert criteria.value["D1"] == "warn"
        assert criteria.parts["D1"].origin == ".gatekeeper.yml:6"
        assert criteria.parts["D2"] == Setting("off", "packages/a/pyproject.toml:3")
        assert criteria.parts["D3"] == Setting("block", "default")
        assert b.gate("docs").value("criteria")["D2"] == "block"

    def test_gates_come_in_the_order_of_the_files(self):
        root, a, inner, *_ = self.policy().projects
        assert [g.name for g in root.gates][4:] == ["types"]
        assert [g.name for g in a.gates][4:] == [g.name for g in inner.gates][4:] == ["types", "lint"]

    def test_the_interpreter_stays_the_same_place(self):
        root, a, inner, b, plain = self.policy().projects
        assert root.value("python") == ".venv/bin/python"
        assert a.value("python") == b.value("python") == "../../.venv/bin/python"
        assert inner.value("python") == "python3.12"
        assert plain.value("python") == "../.venv/bin/python"

    def test_what_means_the_whole_run_stands_at_the_root_only(self):
        root, *others = self.policy(environment={"GATEKEEPER_JOBS": "2"}).projects
        assert root.value("jobs") == 2
        assert not any({"jobs", "projects", "base", "fail_fast"} & set(project.settings) for project in others)

    def test_a_file_belongs_to_the_nearest_project(self):
        policy = self.policy()
        assert policy.project_of("packages/a/inner/x.py").root == "packages/a/inner"
        assert policy.project_of("packages/ab/x.py").root == ""

    def test_a_flag_reaches_every_project(self):
        policy = self.policy(
            flags={"gates.types.timeout": Setting(5, "flag --x"), "python": Setting("./py", "flag -p")}
        )
        root, a, *_ = policy.projects
        assert a.gate("types").settings["timeout"] == root.gate("types").settings["timeout"] == Setting(5, "flag --x")
        assert a.value("python") == "../../py"

    def test_mistakes_of_the_root_are_told_once(self):
        files = {**NESTED, ".gatekeeper.yml": "gates: {types: {paths: []}}\n"}
        assert mistakes(files) == [
            ".gatekeeper.yml:1: `gates.types` is a command gate and needs `run`; "
            "built-in gates are `review`, `coverage`, `tests`, `docs`"
        ]


@pytest.mark.parametrize(
    ("pattern", "roots"),
    [
        ("packages/*", ["packages/a", "packages/b"]),
        ("./packages/a/", ["packages/a"]),
        ("**/a", ["packages/a"]),
        ("packages/**", ["packages", "packages/a", "packages/a/x", "packages/b"]),
        ("*", ["packages", "top"]),
        ("packages/[!a]", ["packages/b"]),
        ("a", []),
    ],
)
def test_patterns_of_projects(pattern, roots):
    folders = ["packages", "packages/a", "packages/a/x", "packages/b", "top"]
    policy = policy_of({".gatekeeper.yml": f'projects: ["{pattern}"]'}, folders=folders)
    assert [p.root for p in policy.projects] == ["", *roots]
    assert bool(policy.notes) is not bool(roots)


class TestOverrides:
    def test_flags_before_environment_before_files(self):
        environment = {"GATEKEEPER_JOBS": "3", "GATEKEEPER_FAIL_FAST": "yes", "GATEKEEPER_BASE": "", "OTHER": "x"}
        project = policy_of(
            {".gatekeeper.yml": "jobs: 2\nbase: dev\n"},
            environment=environment,
            flags={"jobs": Setting(4, "flag --jobs"), "base": Setting(None)},
        ).projects[0]
        assert project.settings["jobs"] == Setting(4, "flag --jobs")
        assert project.settings["fail_fast"] == Setting(True, "environment GATEKEEPER_FAIL_FAST")
        assert project.settings["base"] == Setting("dev", ".gatekeeper.yml:2")

    def test_a_threshold_cannot_be_set_by_the_environment(self):
        environment = {"GATEKEEPER_COVERAGE_MINIMUM": "1", "GATEKEEPER_GATES_COVERAGE_MINIMUM": "1"}
        assert policy_of({}, environment=environment).projects[0].gate("coverage").minimum == 85

    def test_parts_and_single_options(self):
        flags = {"gates.docs.criteria.D1": Setting("warn", "flag -d"), "gates.tests.retries": Setting(2, "flag -r")}
        project = policy_of({}, flags=flags).projects[0]
        assert project.gate("tests").settings["retries"] == Setting(2, "flag -r")
        assert project.gate("docs").value("criteria")["D1"] == "warn"
        assert project.gate("docs").value("criteria")["D2"] == "block"

    def test_wrong_values_are_told_with_their_origin(self):
        flags = {
            "gates.tests.retries": Setting(99, "flag --retries"),
            "gates.tets.retries": Setting(1, "flag --other"),
            "gates.lint.timeout": Setting(1, "flag --timeout"),
            "gates.docs.scope": Setting("most", "flag --scope"),
        }
        assert mistakes({}, flags=flags, environment={"GATEKEEPER_JOBS": "0", "GATEKEEPER_FAIL_FAST": "perhaps"}) == [
            'environment GATEKEEPER_FAIL_FAST: must be true or false, not the text "perhaps"',
            "environment GATEKEEPER_JOBS: must be a whole number from 1 to 1024, not 0",
            "flag --other: there is no setting `gates.tets.retries`",
            "flag --retries: must be a whole number from 0 to 10, not 99",
            'flag --scope: must be one of `public`, `all`, not the text "most"',
            "flag --timeout: there is no gate `lint`; known are `review`, `coverage`, `tests`, `docs`",
        ]


WRONG = [
    # keys
    ("pyhton: x", ["1: unknown key `pyhton`; did you mean `python`?"]),
    (
        "xyzzy: 1",
        [
            "1: unknown key `xyzzy`; known are `python`, `source_roots`, `borrow`, `base`, `jobs`, `fail_fast`, `record`, `cache`, `allow_skip`, `projects`, `protected`, `agents`, `fix`, `gates`"
        ],
    ),
    # agents
    ("agents:\n  - {name: x}", ["2: `agents[0].pillar` is missing"]),
    (
        "agents:\n  - name: x\n    pillar: reviews",
        [
            '3: `agents[0].pillar` must be one of `primary`, `review`, `tests`, `docs`, `integration`, `validation`, not the text "reviews"; did you mean `review`?'
        ],
    ),
    (
        "agents:\n  - name: ''\n    pillar: docs\n    when: sometimes",
        [
            "2: `agents[0].name` must not be empty",
            '4: `agents[0].when` must be one of `always`, `public-api`, `user-facing`, not the text "sometimes"',
        ],
    ),
    (
        "agents:\n  - name: x\n    pillar: docs\n    path: [a]",
        ["4: unknown key `agents[0].path`; did you mean `paths`?"],
    ),
    (
        "agents:\n  - name: x\n    pillar: docs\n    paths: [ok, ../a]",
        ["4: `agents[0].paths[1]` must not hold `..`: a pattern matches below the project only"],
    ),
    (
        "agents: implementer",
        ['1: `agents` must be a list of mappings, not the text "implementer"; put it in brackets: ["implementer"]'],
    ),
    ("agents: [implementer]", ['1: `agents[0]` must be a mapping of keys to values, not the text "implementer"']),
    ("\nreview: {minimum: 1}", ["2: unknown key `review`; a gate stands under `gates`: `gates.review`"]),
    ("gates:\n  coverage:\n    minimun: 90", ["3: unknown key `gates.coverage.minimun`; did you mean `minimum`?"]),
    ("gates: {docs: {retries: 1}}", ["1: unknown key `gates.docs.retries`; `retries` is a key of `tests`"]),
    ("gates: {docs: {needs: []}}", ["1: unknown key `gates.docs.needs`; `needs` is a key of command gates only"]),
    ("gates: {docs: {criteria: {d1: warn}}}", ["1: unknown key `gates.docs.criteria.d1`; did you mean `D1`?"]),
    ("jobs: 1\n\njobs: 2", ["3: the key `jobs` stands here a second time; the first is on line 1"]),
    ("gates: {on: {run: x}}", ['1: the key `on` is not read as a text; put it in quotes: "on"']),
    ("? [a]\n: 1", ["1: a key must be a text, not a list or a mapping"]),
    # gates
    ("gates:\n  reviw: {minimum: 7}", ["2: `gates.reviw` is a command gate and needs `run`; did you mean `review`?"]),
    (
        "gates: {cov: off}",
        ["1: `gates.cov` is a command gate and needs `run`; built-in gates are `review`, `coverage`, `tests`, `docs`"],
    ),
    (
        "gates: {Types: {run: x}}",
        ["1: `gates.Types` is no name for a gate; use small letters, digits, `-` and `_`, and begin with a letter"],
    ),
    ("gates: {review: 7}", ["1: `gates.review` must be a mapping of keys to values or true or false, not 7"]),
    ("gates: [review]", ["1: `gates` must be a mapping of keys to values, not a list"]),
    ("- gates", ["1: a configuration is a mapping of keys to values, not a list"]),
    ("just words", ['1: a configuration is a mapping of keys to values, not the text "just words"']),
    # values
    ("gates: {review: {minimum: 11}}", ["1: `gates.review.minimum` must be a number from 0 to 10, not 11"]),
    (
        "gates: {coverage: {minimum: 85%}}",
        ['1: `gates.coverage.minimum` must be a number from 0 to 100, not the text "85%"'],
    ),
    ("gates: {coverage: {minimum: -0.5}}", ["1: `gates.coverage.minimum` must be a number from 0 to 100, not -0.5"]),
    (
        "gates: {coverage: {minimum: .nan, total: .inf}}",
        ["1: `gates.coverage.minimum` must be a finite number", "1: `gates.coverage.total` must be a finite number"],
    ),
    (
        "gates: {review: {block: hihg}}",
        [
            '1: `gates.review.block` must be one of `critical`, `high`, `medium`, `low`, not the text "hihg"; did you mean `high`?'
        ],
    ),
    (
        "gates: {docs: {criteria: {D1: on}}}",
        ["1: `gates.docs.criteria.D1` must be one of `block`, `warn`, `off`, not true"],
    ),
    (
        "gates: {tests: {args: -x}}",
        ['1: `gates.tests.args` must be a list of texts, not the text "-x"; put it in brackets: ["-x"]'],
    ),
    ("gates:\n  tests:\n    args:\n      - -x\n      - 3", ["5: `gates.tests.args[1]` must be a text, not 3"]),
    ("gates: {tests: {retries: 2.5}}", ["1: `gates.tests.retries` must be a whole number from 0 to 10, not 2.5"]),
    ("jobs: true", ["1: `jobs` must be a whole number from 1 to 1024, not true"]),
    ("fail_fast: maybe", ['1: `fail_fast` must be true or false, not the text "maybe"']),
    ("python: ''", ["1: `python` must not be empty"]),
    ("source_roots: ['']", ["1: `source_roots[0]` must not be empty"]),
    (
        "gates: {a: {run: b, env: {1A: x, C: 3}}}",
        [
            "1: `gates.a.env.1A` is no name for an environment variable; use letters, digits and `_`, and begin with no digit",
            "1: `gates.a.env.C` must be a text, not 3",
        ],
    ),
    ("gates: {a: {run: b, fails: [0]}}", ["1: `gates.a.fails[0]` must be a whole number from 1 to 255, not 0"]),
    ("gates: {a: {run: b, fails: 2}}", ["1: `gates.a.fails` must be a list of whole numbers, not 2"]),
    (
        "gates: {a: {run: b, reads: sarfi}}",
        [
            '1: `gates.a.reads` must be one of `sarif`, `checkstyle`, `junit`, `cobertura`, `lcov`, `exit-code` or a mapping of keys to values, not the text "sarfi"; did you mean `sarif`?'
        ],
    ),
    ("gates: {a: {run: b, reads: {}}}", ["1: `gates.a.reads` must not be empty"]),
    (
        "gates: {a: {run: b, reads: {exit-code: x}}}",
        ["1: unknown key `gates.a.reads.exit-code`; known are `sarif`, `checkstyle`, `junit`, `cobertura`, `lcov`"],
    ),
    # paths
    (
        "source_roots: [/src, ../x, a/../../b, '~/x']",
        [
            '1: `source_roots[0]` must be relative to the project, not the text "/src"',
            '1: `source_roots[1]` must not leave the repository: the text "../x"',
            '1: `source_roots[2]` must not leave the repository: the text "a/../../b"',
            '1: `source_roots[3]` must be relative to the project, not the text "~/x"',
        ],
    ),
    (
        "gates: {review: {paths: ['a/../b', 'src\\x']}}",
        [
            "1: `gates.review.paths[0]` must not hold `..`: a pattern matches below the project only",
            "1: `gates.review.paths[1]` must have `/` between folders, not `\\`",
        ],
    ),
    (
        "gates: {tests: {run: x, reads: {junit: /tmp/x}}}",
        ['1: `gates.tests.reads.junit` must be relative to the project, not the text "/tmp/x"'],
    ),
    (
        "gates: {docs: {openapi: {file: ../o.json}}}",
        ['1: `gates.docs.openapi.file` must not leave the repository: the text "../o.json"'],
    ),
    (
        "gates: {docs: {changelog: ../news}}",
        ['1: `gates.docs.changelog` must not leave the repository: the text "../news"'],
    ),
    # commands
    (
        "gates: {a: {run: 'x && y'}}",
        ["1: `gates.a.run`: the command is started without a shell, so `&&` would be an argument; write sh -c '…'"],
    ),
    (
        'gates: {a: {run: "x \'y"}}',
        ["1: `gates.a.run`: the command cannot be split into words (No closing quotation): x 'y"],
    ),
    ("gates: {a: {run: ' '}}", ["1: `gates.a.run`: the command is empty"]),
    (
        "gates: {docs: {openapi: {command: 'a | b'}}}",
        [
            "1: `gates.docs.openapi.command`: the command is started without a shell, so `|` would be an argument; write sh -c '…'"
        ],
    ),
    (
        "gates: {docs: {exempt: '('}}",
        ["1: `gates.docs.exempt` is no regular expression: missing ), unterminated subpattern at position 0"],
    ),
    (
        "gates: {tests: {reads: junit}}",
        ["1: `gates.tests.reads` is about the report of a command, and there is none; set `run` too"],
    ),
    (
        "gates: {coverage: {reads: {lcov: x}}}",
        ["1: `gates.coverage.reads` is about the report of a command, and there is none; set `gates.tests.run` too"],
    ),
    # needs
    ("gates: {a: {run: x, needs: [tets]}}", ["1: `gates.a.needs[0]`: there is no gate `tets`; did you mean `tests`?"]),
    ("gates: {a: {run: x, needs: [a]}}", ["1: `gates.a.needs[0]`: a gate cannot wait for itself"]),
    (
        "gates:\n  a: {run: x, needs: [b]}\n  b: {run: x, needs: [c]}\n  c: {run: x, needs: [b]}",
        ["3: gates wait for one another: b → c → b; remove one of these `needs`"],
    ),
    # syntax
    ("a: 1\n\tb: 2", ["2: a tab cannot be used for indentation in YAML; use spaces"]),
    ("gates:\n\treview: {}", ["2: a tab cannot be used for indentation in YAML; use spaces"]),
    ("a: [1, 2", ["1: this is not YAML: expected ',' or ']', but got '<stream end>'"]),
    ("a: 1\n---\nb: 2", ["2: a second document begins here; a configuration is one document, so remove the `---`"]),
    ("a: *nowhere", ["1: this is not YAML: found undefined alias 'nowhere'"]),
    (
        "jobs: !!python/object/apply:os.system ['true']",
        ["1: the tag `!!python/object/apply:os.system` is not used in a configuration; remove it"],
    ),
    ("jobs: !x 3", ["1: the tag `!x` is not used in a configuration; remove it"]),
    ("a: \x07", ["1: the character U+0007 is not allowed here"]),
    (b"jobs: 1\nbase: \xff", ["2: byte 0xff is not UTF-8; save the file as UTF-8"]),
    ("jobs: 3".encode("utf-16"), ["1: the file is UTF-16; save it as UTF-8"]),
    ('base: "\\0"', ["1: `base` must not hold the character NUL"]),
    ('base: "\\ud800"', ["1: `base` must not hold half of a surrogate pair"]),
    ('"a\\nb": 1', ["1: the key `a\\nb` holds a character that cannot be printed"]),
    ("jobs: " + "9" * 5000, ["1: `" + "9" * 40 + "` is not a int"]),
    ("jobs: " + "9" * 4000, ["1: `jobs` must be a whole number from 1 to 1024, not a number of many digits"]),
    ("base: " + "[" * 40 + "]" * 40, ["1: nested more than 32 levels deep"]),
]


@pytest.mark.parametrize(("text", "lines"), WRONG, ids=[str(text)[:40] for text, _ in WRONG])
def test_wrong_yaml_is_explained(text, lines):
    assert sorted(yaml_mistakes(text)) == sorted(lines)


def test_a_file_without_a_line_is_told_without_one():
    assert mistakes({".gatekeeper.yml": b" " * (256 * 1024 + 1)}) == [
        ".gatekeeper.yml: the file is larger than 256 kB; a configuration is short"
    ]


def test_a_bomb_of_aliases_is_refused_at_once():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert any("aliases unfold into more than" in line for line in yaml_mistakes("\n".join(lines)))


def test_an_alias_of_itself_is_refused():
    assert any("aliases unfold" in line for line in yaml_mistakes("a: &a [*a]"))
    assert any("aliases unfold" in line or "merges" in line for line in yaml_mistakes("a: &a {<<: *a, b: 1}"))


def test_anchors_and_merge_keys_are_fine():
    policy = policy_of(
        {
            ".gatekeeper.yml": """\
gates:
  types: &common
    run: mypy
    timeout: 60
  lint: {<<: *common, run: ruff}
  both: {<<: [{timeout: 5}, *common]}
"""
        }
    ).projects[0]
    assert policy.gate("lint").settings["timeout"] == Setting(60, ".gatekeeper.yml:4")
    assert policy.gate("lint").settings["run"] == Setting("ruff", ".gatekeeper.yml:5")
    assert policy.gate("both").settings["timeout"] == Setting(5, ".gatekeeper.yml:6")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[tool.gatekeeper]\njobs = 'x'", ['2: `jobs` must be a whole number from 1 to 1024, not the text "x"']),
        ("[tool.gatekeeper]\njobs = 1\njobs = 2", ["3: this is not TOML: Cannot overwrite a value"]),
        ("[tool.gatekeeper\n", ["1: this is not TOML: Expected ']' at the end of a table declaration"]),
        ("tool.gatekeeper = 3", ["1: a configuration is a mapping of keys to values, not 3"]),
        ("[tool.gatekeeper]\nbase = 2024-01-01", ["2: `base` is a date or a time, which no setting has; put it in quotes"]),
        ("[tool.gatekeeper]\ngates.review.minimum = nan", ["2: `gates.review.minimum` must be a finite number"]),
        ("[tool.gatekeeper]\nborrow = [\n  'a', # one\n  '/b',\n]", ['4: `borrow[1]` must be relative to the project, not the text "/b"']),
        ("[tool.gatekeeper.gates]\ntests = { retries = 1, args = ['x'],  retrys = 2 }", ["2: unknown key `gates.tests.retrys`; did you mean `retries`?"]),
        ("[[tool.gatekeeper]]\njobs = 1", ["1: a configuration is a mapping of keys to values, not a list"]),
        ("[tool.gatekeeper]\nx = " + "[" * 5000 + "]" * 5000, [" nested too deep"]),
    ],
)  # fmt: skip
def test_wrong_toml_is_explained(text, lines):
    assert [line.removeprefix("pyproject.toml:") for line in mistakes({"pyproject.toml": text})] == lines


def test_two_files_in_one_folder_are_refused():
    files = {"a/.gatekeeper.yml": "", "a/pyproject.toml": "\n\n[tool.gatekeeper]\n", ".gatekeeper.yml": ""}
    assert mistakes(files) == [
        "a/pyproject.toml:3: `[tool.gatekeeper]` stands here, and `a/.gatekeeper.yml` configures the same folder; "
        "keep one of them"
    ]


def test_the_other_spelling_of_the_name_is_refused():
    assert mistakes({".gatekeeper.yaml": "jobs: 3"}) == [
        ".gatekeeper.yaml: this file is not read; rename it to `.gatekeeper.yml`"
    ]


def test_a_file_that_cannot_be_read_is_never_passed_over():
    assert mistakes({".gatekeeper.yml": None}) == [
        ".gatekeeper.yml: this file cannot be read; it must be a regular file of at most 256 kB"
    ]
    assert policy_of({"pyproject.toml": None}) == policy_of({})


def test_what_means_the_whole_run_is_refused_elsewhere():
    assert mistakes(
        {"a/.gatekeeper.yml": "jobs: 1\nbase: x\nfail_fast: on\nrecord: off\nallow_skip: on\nprojects: []\n"}
    ) == [
        f"a/.gatekeeper.yml:{line}: `{key}` is for the whole repository; set it in the configuration at its root"
        for line, key in enumerate(("jobs", "base", "fail_fast", "record", "allow_skip", "projects"), 1)
    ]


def test_every_mistake_of_every_file_is_told_in_order():
    files = {
        "b/.gatekeeper.yml": "jobs: 1",
        ".gatekeeper.yml": "gates: {docs: {scope: 1}}\njobs: x\n",
        "a/pyproject.toml": "[tool.gatekeeper]\nx = 1",
    }
    found = mistakes(files, environment={"GATEKEEPER_JOBS": "many"})
    places = [line.split(": ")[0] for line in found]
    assert places == [
        ".gatekeeper.yml:1", ".gatekeeper.yml:2", "environment GATEKEEPER_JOBS", "a/pyproject.toml:2", "b/.gatekeeper.yml:1",
    ]  # fmt: skip


def test_hostile_folder_names_stay_on_one_line():
    name = "a\n\x1b[31m\udcff/.gatekeeper.yml"
    assert mistakes({name: "jobs: x"}) == [
        'a\\n\\x1b[31m\\xff/.gatekeeper.yml:1: `jobs` must be a whole number from 1 to 1024, not the text "x"',
    ]
    assert policy_of({name: "gates: {docs: off}"}).projects[1].root == "a\n\x1b[31m\udcff"


def test_paths_may_climb_within_the_repository():
    policy = policy_of({"a/b/.gatekeeper.yml": "source_roots: [../../shared, ., src/]\n"})
    assert policy.projects[1].value("source_roots") == ("../../shared", ".", "src/")


def test_nothing_heavy_is_imported_without_a_file():
    program = (
        "import sys\n"
        "before = set(sys.modules)\n"  # measuring coverage brings modules of its own
        "from gatekeeper.edges.config import read_policy\n"
        "files = {'pyproject.toml': b'[project]'}\n"
        "read_policy(files.get, list(files), source='x', flags={}, environment={'GATEKEEPER_JOBS': '3'})\n"
        "print([name for name in ('yaml', 'jsonschema_rs', 'tomllib', 'git') if name in set(sys.modules) - before])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


KEYS = st.sampled_from(
    [
        "python",
        "source_roots",
        "borrow",
        "base",
        "jobs",
        "fail_fast",
        "projects",
        "gates",
        "review",
        "coverage",
        "tests",
        "docs",
        "lint",
        "minimum",
        "block",
        "total",
        "paths",
        "timeout",
        "run",
        "reads",
        "needs",
        "env",
        "fails",
        "criteria",
        "D1",
        "exempt",
        "openapi",
        "command",
        "file",
        "changelog",
        "junit",
        "enabled",
        "x",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "a", "../x", "/x", "&&", "(", "high", "sarif", "~", "!x", "\\", "lint", "x y '", "\0", "[*"])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=200)
@given(
    st.dictionaries(KEYS, VALUES, max_size=3),
    st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4)),
    st.data(),
)
def test_any_data_makes_a_policy_or_a_list_of_mistakes(data, gates, draw):
    text = yaml.safe_dump({**data, "gates": gates})
    root = draw.draw(st.sampled_from(["", "a/"]))
    try:
        policy = policy_of({f"{root}.gatekeeper.yml": text, "a/b/.gatekeeper.yml": text}, folders=("a", "a/b"))
    except UsageError as error:
        assert all(".gatekeeper.yml" in line for line in error.message.splitlines()[1:])
        return
    for project in policy.projects:
        for gate in project.gates:
            assert gate.enabled in (True, False)
            assert gate.block in Severity
            assert 0 <= gate.minimum <= 100
            assert 1 <= gate.seconds_limit <= 86400
            assert all(isinstance(path, str) for path in gate.paths)
