"""Brings modes to bear on a run: measures the triggers, settles which modes are active, tightens the policy."""

from __future__ import annotations

from gatekeeper.model.change import Change
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.mode import BUILT_IN, ActiveMode, ModeWish
from gatekeeper.model.mode_library import Library
from gatekeeper.model.plan import Classification
from gatekeeper.model.policy import Policy
from gatekeeper.model.rules import Rules
from gatekeeper.planning.activation import activate
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


def usual_wish(library: Library, wish: ModeWish) -> ModeWish:
    """The wish of a run: modes that come with Gatekeeper hold on request, those of the repository by their triggers.

    A repository that has set its own thresholds must not see them rise because a change happens to be large; whoever
    puts a mode file into the repository wants just that.
    """
    return replace(wish, on_request=frozenset(mode.name for mode in library.modes if mode.source == BUILT_IN))


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
    active = tuple(f"mode {each.mode.name} holds: {'; '.join(each.reasons)}" for each in settled.active)
    return Prepared(tightened, settled.active, rules, (*library.notes, *active, *settled.notes, *changed))
