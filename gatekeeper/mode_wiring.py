"""Puts modes and edges together: which modes hold for a change, and what they demand of it."""

from __future__ import annotations

import os

from gatekeeper.edges.branches import branch_of
from gatekeeper.edges.git import Repository
from gatekeeper.edges.modes import governing_library
from gatekeeper.edges.questions import ask_person, may_ask
from gatekeeper.model.candidate import Target
from gatekeeper.model.change import Change
from gatekeeper.model.mode import ModeWish
from gatekeeper.model.policy import Policy
from gatekeeper.planning.classify import classify
from gatekeeper.planning.modes import Prepared, prepare_modes, usual_wish


def modes_for(
    repository: Repository, target: Target, change: Change, policy: Policy, wish: ModeWish, kind: str = ""
) -> Prepared:
    """What holds for a run or a plan; `kind` is what the user says that the change is.

    Where two modes of equal priority are in each other's way, a person at a terminal is asked; elsewhere that raises
    UsageError, as all that cannot be settled.
    """
    library = governing_library(repository, target)
    found = classify(change, declared=kind, branch=branch_of(repository, target, os.environ))
    ask = ask_person if may_ask() else None
    return prepare_modes(library, change, found, policy, usual_wish(library, wish), ask)
