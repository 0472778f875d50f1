"""Who does what, and the reason that is printed with it."""

from __future__ import annotations

import pytest

from gatekeeper.model.change import FileChange
from gatekeeper.model.plan import Pillar
from gatekeeper.planning.agents import ROSTER, Selector, Speciality, When, roster_of
from gatekeeper.planning.api import api_delta, read_outlines
from tests.planning.sample import change, changed, deleted

ROUTE = '@app.get("/users")\ndef _users(): ...\n'


def choose(pillar: Pillar, *files: FileChange, roster: tuple[Speciality, ...] = ()) -> tuple[str, str]:
    """The agent for a change of these files."""
    whole = change(*files)
    selector = Selector(whole, api_delta(whole, read_outlines(whole)), (*roster, *ROSTER))
    return selector.choose(pillar, [file.path for file in files])


@pytest.mark.parametrize(
    ("file", "agent", "reason"),
    [
        (changed("src/a.py", "def f(): ...\ndef g(): ...\n", "def f(): ...\n"), "api-documenter", "public API: new g in src/a.py:2"),
        (changed("src/a.py", "x = 1\n", "def f(): ...\n"), "api-documenter", "public API: removed f in src/a.py"),
        (changed("src/a.py", "def f(x): ...\n", "def f(): ...\n"), "api-documenter", "public API: another signature of f in src/a.py:1"),
        (deleted("src/a.py", "def f(): ...\n"), "api-documenter", "public API: removed f in src/a.py"),
        (changed("openapi.yaml", "a: 1\n", "a: 2\n"), "api-documenter", "public API: openapi.yaml is an OpenAPI document"),
        (changed("src/_a.py", ROUTE, "x = 1\n"), "api-documenter", "public API: src/_a.py changes the route GET /users"),
        (changed("src/_a.py", "p.add_argument('x')\n", "x\n"), "tutorial-engineer", "user-facing: src/_a.py:1 has .add_argument"),
        (changed("src/app/cli/_run.py", "x = 1\n", "x\n"), "tutorial-engineer", "user-facing: src/app/cli/_run.py is part of the command line or interface"),
        (changed("README.md", "x\n", "y\n"), "tutorial-engineer", "user-facing: README.md is text for users"),
        (changed("src/a.py", "def f(a,\n      b): return 2\n", "def f(a, b): return 1\n"), "technical-writer", "neither public API"),
        (changed("tests/test_a.py", "def test(): ...\n", ""), "technical-writer", "neither public API"),
    ],
)  # fmt: skip
def test_the_docs_agent_by_what_changed(file: FileChange, agent: str, reason: str) -> None:
    found = choose(Pillar.DOCS, file)
    assert found[0] == agent
    assert found[1].startswith(reason)


def test_the_others() -> None:
    source, docs, test = changed("src/a.py", "x"), changed("docs/a.md", "x"), changed("tests/test_a.py", "x")
    assert choose(Pillar.REVIEW, docs) == ("code-reviewer", "reviews every change")
    assert choose(Pillar.TESTS, docs) == ("test-automator", "tests every change")
    assert choose(Pillar.PRIMARY, source, docs)[0] == "implementer"
    assert choose(Pillar.PRIMARY, docs)[0] == "technical-writer"
    assert choose(Pillar.PRIMARY, test)[0] == "test-automator"
    assert choose(Pillar.VALIDATION, source)[0] == "validator"
    assert choose(Pillar.DOCS, docs) == ("technical-writer", "its paths are documentation alone")


def test_what_a_lane_takes_along_does_not_tell_what_it_is() -> None:
    test, lock = changed("tests/test_a.py", "x"), changed("uv.lock", "x")
    assert choose(Pillar.PRIMARY, test, lock)[0] == "test-automator"
    assert choose(Pillar.PRIMARY, lock)[0] == "implementer"


def test_the_roster_of_a_configuration() -> None:
    described = (
        {"name": "a", "pillar": "review", "paths": ["src/**"], "reason": "because"},
        {"name": "b", "pillar": "docs", "when": "public-api"},
    )
    assert roster_of(described) == (
        Speciality("a", Pillar.REVIEW, When.ALWAYS, "because", ("src/**",)),
        Speciality("b", Pillar.DOCS, When.PUBLIC_API),
    )


def test_users_add_agents() -> None:
    mine = (
        Speciality("sql-expert", Pillar.REVIEW, paths=("**/*.sql",)),
        Speciality("route-keeper", Pillar.DOCS, When.PUBLIC_API, paths=("src/api/**",)),
    )
    sql = changed("db/a.sql", "x")
    assert choose(Pillar.REVIEW, sql, roster=mine) == ("sql-expert", "db/a.sql is among its paths")
    assert choose(Pillar.REVIEW, changed("src/a.py", "x"), roster=mine)[0] == "code-reviewer"
    api = changed("src/api/a.py", "def f(): ...\n", "")
    assert choose(Pillar.DOCS, api, roster=mine) == ("route-keeper", "public API: new f in src/api/a.py:1")
    assert choose(Pillar.DOCS, changed("src/a.py", "def f(): ...\n", ""), roster=mine)[0] == "api-documenter"


def test_a_pillar_without_any_agent() -> None:
    assert Selector(change(), api_delta(change(), read_outlines(change())), ()).choose(Pillar.DOCS, ()) == (
        "docs", "no agent of the roster is there for this"
    )  # fmt: skip
