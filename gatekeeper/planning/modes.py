"""Brings modes to bear on a run: measures the triggers, settles which modes are active, tightens the policy."""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.model.change import Change
from gatekeeper.model.library import Library
from gatekeeper.model.mode import ActiveMode
from gatekeeper.model.plan import Classification
from gatekeeper.model.policy import Policy
from gatekeeper.model.rules import Rules
from gatekeeper.planning.activation import ModeWish, activate
from gatekeeper.planning.contest import Ask
from gatekeeper.planning.overrides import lay_over
from gatekeeper.planning.rules import rules_of
from gatekeeper.planning.triggers import measure_triggers


@dataclass(frozen=True, slots=True)
class Prepared:
    """What holds for a run once the modes have had their say; `notes` say who set what, and who gave way."""

    policy: Policy
    active: tuple[ActiveMode, ...]
    rules: Rules
    notes: tuple[str, ...]


def prepare_modes(
    library: Library,
    change: Change,
    classification: Classification,
    policy: Policy,
    wish: ModeWish,
    ask: Ask | None = None,
) -> Prepared:
    """The policy, the active modes and the rules of a run. Raises `UsageError` where the modes cannot be settled."""
    settled = activate(library, wish, measure_triggers(change, classification), ask)
    rules = rules_of(library, settled.active)
    tightened, changed = lay_over(policy, settled.active, rules)
    return Prepared(tightened, settled.active, rules, (*library.notes, *settled.notes, *changed))
