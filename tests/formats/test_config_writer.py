"""What `gatekeeper config` prints can be read again, and says where each value comes from."""

from __future__ import annotations

import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.edges.config import read_policy
from gatekeeper.formats.config_schema import complaints
from gatekeeper.formats.config_writer import policy_json, policy_yaml

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
NAME = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
PATH = st.from_regex(r"[A-Za-z0-9_*.: #'\"-]{1,6}(/[A-Za-z0-9_*é-]{1,6}){0,2}", fullmatch=True).filter(
    lambda path: ".." not in path
)
COMMAND = st.lists(st.from_regex(r"[a-z0-9#:{}%@-]{1,8}", fullmatch=True), min_size=1, max_size=4).map(
    lambda words: " ".join(["run", *words])
)
SECONDS = st.integers(1, 86400) | st.floats(1, 86400)
PERCENT = st.integers(0, 100) | st.floats(0, 100)
SHARED = {
    "enabled": st.booleans(),
    "advisory": st.booleans(),
    "paths": st.lists(PATH, max_size=3),
    "timeout": SECONDS,
}
READS = st.sampled_from(["sarif", "checkstyle", "junit", "cobertura", "lcov", "exit-code"]) | st.dictionaries(
    st.sampled_from(["sarif", "junit", "lcov"]), PATH, min_size=1
)


def _gate(required, **options):
    return st.none() | st.booleans() | st.fixed_dictionaries(required, optional={**SHARED, **options})


RUN = {"run": COMMAND, "reads": READS}
SEVERITY = st.sampled_from(["critical", "high", "medium", "low"])
BUILT_IN = {
    "review": st.fixed_dictionaries(
        {},
        optional={**SHARED, "minimum": st.floats(0, 10), "block": SEVERITY, "ignore": st.lists(TEXT, max_size=3)},
    )
    | st.fixed_dictionaries(RUN),
    "coverage": _gate({}, minimum=PERCENT, total=st.none() | PERCENT, drop=st.sampled_from(["allow", "forbid"])),
    "tests": _gate(
        {},
        retries=st.integers(0, 10),
        allow_empty=st.booleans(),
        select=st.sampled_from(["never", "local", "always"]),
        args=st.lists(TEXT, max_size=3),
    ),
    "docs": _gate(
        {},
        scope=st.sampled_from(["public", "all"]),
        exempt=st.just("") | TEXT.map(lambda text: "^x" + "".join(c for c in text if c.isalnum())),
        criteria=st.dictionaries(
            st.sampled_from(["D1", "D2", "D3", "D4", "D5", "D6"]), st.sampled_from(["block", "warn", "off", False])
        ),
        changelog=PATH,
        openapi=st.fixed_dictionaries({}, optional={"command": COMMAND, "file": PATH}),
    ),
}
OWN = st.fixed_dictionaries(
    {"run": COMMAND},
    optional={
        **SHARED,
        "reads": READS,
        "minimum": PERCENT,
        "block": SEVERITY,
        "fails": st.lists(st.integers(1, 255), max_size=3),
        "needs": st.lists(st.sampled_from(["review", "tests", "docs"]), max_size=2),
        "env": st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True), st.just("") | TEXT),
    },
)
GATES = st.builds(
    lambda own, built_in: {**own, **built_in},
    st.dictionaries(NAME, OWN, max_size=2),
    st.fixed_dictionaries({}, optional=BUILT_IN),
)
CONFIGURATIONS = st.fixed_dictionaries(
    {},
    optional={
        "python": TEXT,
        "base": TEXT,
        "jobs": st.none() | st.integers(1, 1024),
        "fail_fast": st.booleans(),
        "cache": st.fixed_dictionaries({}, optional={"megabytes": st.integers(0, 1_000_000)}),
        "record": st.booleans(),
        "allow_skip": st.none() | st.booleans(),
        "source_roots": st.lists(PATH, max_size=3),
        "borrow": st.lists(PATH, max_size=3),
        "projects": st.lists(PATH, max_size=3),
        "gates": st.none() | GATES,
    },
)
"""Whatever a `.gatekeeper.yml` at the root of a repository may hold."""


def policy_of(files):
    contents = {name: text.encode() for name, text in files.items()}
    return read_policy(contents.get, list(contents), source="the index", flags={}, environment={})


def values(policy):
    return [
        (
            {key: s.value for key, s in p.settings.items()},
            [(g.name, {k: s.value for k, s in g.settings.items()}) for g in p.gates],
        )
        for p in policy.projects
    ]


@settings(max_examples=60, deadline=None)
@given(CONFIGURATIONS)
def test_what_is_printed_is_the_same_policy(data):
    assert complaints(data) == []
    policy = policy_of({".gatekeeper.yml": yaml.safe_dump(data, allow_unicode=True)})
    for show_origin in (False, True):
        text = policy_yaml(policy, show_origin)
        assert values(policy_of({".gatekeeper.yml": text})) == values(policy), text


@settings(max_examples=30, deadline=None)
@given(CONFIGURATIONS)
def test_json_holds_the_same_values_and_every_origin(data):
    policy = policy_of({".gatekeeper.yml": yaml.safe_dump(data)})
    document = json.loads(policy_json(policy))
    project = document["projects"][0]
    plain = json.loads(json.dumps(values(policy)[0]))
    assert {key: s["value"] for key, s in project["settings"].items()} == plain[0]
    assert [[name, {k: s["value"] for k, s in gate.items()}] for name, gate in project["gates"].items()] == plain[1]
    for gate in project["gates"].values():
        assert all(s["origin"] == "default" or ".gatekeeper.yml:" in s["origin"] for s in gate.values())


def test_each_value_says_where_it_comes_from():
    policy = policy_of(
        {
            ".gatekeeper.yml": "python: .venv/bin/python\ngates:\n  review: {minimum: 8}\n  docs:\n    criteria:\n      D3: warn\n",
            "a/pyproject.toml": "[tool.gatekeeper]\ngates.types = {run = 'mypy \"a b\"'}\n",
        }
    )
    text = policy_yaml(policy, show_origin=True)
    root, nested = text.split("---\n")
    assert root.startswith("# .gatekeeper.yml and 1 more in the index\n")
    assert "\npython: .venv/bin/python  # .gatekeeper.yml:1\n" in root
    assert "\n    minimum: 8  # .gatekeeper.yml:3\n" in root
    assert "\n      D3: warn  # .gatekeeper.yml:6\n      D4: block  # default\n" in root
    assert nested.startswith("# the project in a\n")
    assert "\npython: ../.venv/bin/python  # .gatekeeper.yml:1\n" in nested
    assert '\n    run: mypy "a b"  # a/pyproject.toml:2\n' in nested
    assert "jobs" not in nested
    assert "  #" not in policy_yaml(policy)


def test_a_printed_project_can_stand_in_its_own_folder():
    policy = policy_of(
        {".gatekeeper.yml": "python: bin/py\ngates: {lint: {run: a}}", "a/b/.gatekeeper.yml": "gates: {docs: off}"}
    )
    nested = policy_yaml(policy).split("---\n")[1]
    again = policy_of({"a/b/.gatekeeper.yml": nested})
    assert values(again)[1] == values(policy)[1]


def test_a_hostile_folder_cannot_break_out_of_its_comment():
    policy = policy_of({"a\ngates: off\n/.gatekeeper.yml": ""})
    assert list(yaml.safe_load_all(policy_yaml(policy)))[1]["gates"]["review"]["enabled"] is True
