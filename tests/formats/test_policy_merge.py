"""Two configurations become one: settings, gates and projects, with their origins."""

from __future__ import annotations

from gatekeeper.edges.config import read_policy
from gatekeeper.formats.config_writer import policy_yaml
from gatekeeper.formats.policy_merge import comparable, merge_policies, milder_than


def policy(folders=(), **files):
    contents = {
        name.replace("__", "/") + "/.gatekeeper.yml" if name != "root" else ".gatekeeper.yml": text.encode()
        for name, text in files.items()
    }
    return read_policy(contents.get, list(contents), source="a tree", flags={}, environment={}, folders=folders)


def merge(base, head, new=()):
    return merge_policies(base, head, lambda folder: folder in new)


def test_the_stricter_value_holds_and_its_origin_names_the_side():
    base = policy(root="gates:\n  review: {minimum: 8, block: low}\n  docs: {criteria: {D1: warn}}\n")
    head = policy(root="gates:\n  docs: {criteria: {D1: off, D2: warn}}\n  review: {minimum: 9, block: high}\n")
    merged = merge(base, head)
    review = merged.policy.projects[0].gate("review")
    assert (review.minimum, review.settings["minimum"].origin) == (9, ".gatekeeper.yml:3 of the change")
    assert (review.block, review.settings["block"].origin) == ("low", ".gatekeeper.yml:2 of the base")
    docs = merged.policy.projects[0].gate("docs")
    assert (docs.value("criteria")["D1"], docs.value("criteria")["D2"]) == ("warn", "block")
    assert [(c.what, c.path, c.line, c.before, c.after) for c in merged.relaxed] == [
        ("gates.review.block", ".gatekeeper.yml", 3, "low", "high"),
        ("gates.docs.criteria.D1", ".gatekeeper.yml", 2, "warn", "off"),
        ("gates.docs.criteria.D2", ".gatekeeper.yml", 2, "block", "warn"),
    ]
    assert merged.tightened == ["gates.review.minimum"]
    assert "minimum: 9  # .gatekeeper.yml:3 of the change" in policy_yaml(merged.policy, show_origin=True)


def test_gates_are_added_and_never_removed():
    base = policy(root="gates:\n  types: {run: mypy}\n")
    head = policy(root="gates:\n  style: {run: ruff check}\n")
    merged = merge(base, head)
    assert [gate.name for gate in merged.policy.projects[0].gates][4:] == ["types", "style"]
    assert [(c.kind, c.what) for c in merged.relaxed] == [("gate", "gates.types")]
    assert merged.tightened == ["gates.style"]


def test_a_command_stays_that_of_the_base():
    base = policy(root="gates:\n  types: {run: mypy, env: {A: '1'}}\n")
    head = policy(root="gates:\n  types: {run: 'true', env: {A: '2', B: '3'}, needs: [tests]}\n")
    gate = merge(base, head).policy.projects[0].gate("types")
    assert (gate.command, gate.value("env"), gate.value("needs")) == ("mypy", {"A": "1"}, ("tests",))


def test_a_change_founds_no_project_where_the_base_has_files():
    base = policy(root="gates:\n  coverage: {minimum: 90}\n")
    head = policy(root="gates:\n  coverage: {minimum: 90}\n", pkg="gates:\n  coverage: {minimum: 0}\n")
    merged = merge(base, head)
    assert [project.root for project in merged.policy.projects] == [""]
    assert [change.what for change in merged.relaxed] == ["a project of its own in pkg"]


def test_a_new_folder_may_be_a_project_and_is_held_to_what_is_above_it():
    base = policy(root="python: .venv/bin/python\ngates:\n  coverage: {minimum: 90, paths: ['pkg/**']}\n")
    head = policy(root="gates: {}\n", pkg="gates:\n  coverage: {minimum: 0}\n  review: {minimum: 9}\n")
    found = merge(base, head, new=("pkg",)).policy.projects[1]
    assert (found.root, found.gate("coverage").minimum, found.gate("review").minimum) == ("pkg", 90, 9)
    assert found.gate("coverage").paths == ()
    assert found.value("python") == "../.venv/bin/python"


def test_a_project_of_the_base_stays_one():
    base = policy(root="gates: {}\n", pkg="gates:\n  coverage: {minimum: 95}\n")
    merged = merge(base, policy(root="gates: {}\n"))
    assert merged.policy.projects[1].gate("coverage").minimum == 95
    assert "the project in pkg" in [change.what for change in merged.relaxed]


def test_the_default_of_a_deleted_line_counts():
    merged = merge(policy(root="gates:\n  coverage: {minimum: 50}\n"), policy())
    assert merged.policy.projects[0].gate("coverage").minimum == 85


def test_a_first_configuration_is_compared_with_the_defaults():
    head = policy(root="python: python3\ngates:\n  review: {minimum: 5, block: low}\n  docs: off\n")
    milder = [change for change in milder_than(policy(), head) if comparable(change)]
    assert [(c.what, c.held) for c in milder] == [("gates.review.minimum", False), ("gates.docs.enabled", False)]
