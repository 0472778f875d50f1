"""An outcome stands on trees and environment alone only where nothing else is on the import path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gatekeeper.formats.basis import basis_of
from gatekeeper.model.candidate import Candidate, Environment, Project, Target, TargetKind
from gatekeeper.model.change import Change
from gatekeeper.model.policy import GatePolicy
from gatekeeper.ports import Request

INSTALLED = ("/usr/lib/python313.zip", "/usr/lib/python3.13", "/usr/lib/python3.13/lib-dynload", "/v/lib/site-packages")
REQUEST = Request(
    target=Target(TargetKind.RANGE, "b" * 40, "a" * 40, ""),
    change=Change("b", "a", ()),
    policy=GatePolicy("docs", {}),
    project=Project("", ("src", ""), ("p",)),
    environment=Environment("/v/bin/python", "", (3, 13, 0), search_path=INSTALLED),
    candidate=Candidate("/tree", "/slot/base", in_place=True),
    selected=frozenset(),
    scratch="/scratch/1",
    programs="/g",
    own_python="/own/bin/python",
    ruff="/own/bin/ruff",
)


def with_path(*entries: str, **candidate: Any) -> Request:
    environment = replace(REQUEST.environment, search_path=(*INSTALLED, *entries))
    return replace(REQUEST, environment=environment, candidate=replace(REQUEST.candidate, **candidate))


def test_it_names_the_trees_and_the_environments_and_not_the_run() -> None:
    basis = basis_of(REQUEST, "asked")
    assert {"a" * 40, "b" * 40, "asked", "/tree", "/slot/base"} <= set(basis.question.split("\n"))
    assert basis.places[0] == "/v/bin/python"
    assert {"/v/pyvenv.cfg", "/own/pyvenv.cfg", "/own/bin/ruff", *INSTALLED} <= set(basis.places)
    assert basis.made_in == ("/tree/src", "/tree")
    assert basis.edited_in == ()
    assert basis_of(replace(REQUEST, scratch="/scratch/2"), "asked") == basis
    assert basis_of(REQUEST, "another") != basis


@pytest.mark.parametrize(
    ("entry", "folder", "edited"),
    [
        ("/home/me/other/src", "/tree", True),
        ("/treetop", "/tree", True),
        ("/tree", "/tree", False),
        ("/tree/src", "/tree", False),
        ("/tree/src", "/slot/head", True),
    ],
)
def test_code_that_is_neither_installed_nor_in_the_tree_is_edited(entry: str, folder: str, edited: bool) -> None:
    assert basis_of(with_path(entry, directory=folder), "").edited_in == ((entry,) if edited else ())


def test_what_was_taken_over_from_the_working_tree_counts() -> None:
    assert "/tree/p/fast.so" in basis_of(with_path(borrowed=("p/fast.so",)), "").places
    assert basis_of(with_path(outdated=("p/fast.so",)), "").question != basis_of(REQUEST, "").question
