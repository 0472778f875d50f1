"""Lays the demands of the active modes over a policy: of several values the strictest holds, nothing is loosened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.mode import ActiveMode, Mode
from gatekeeper.model.override import OVERRIDES, Override
from gatekeeper.model.policy import GatePolicy, Policy, ProjectPolicy, Setting
from gatekeeper.model.rules import Rules


@dataclass(frozen=True, slots=True)
class _Demand:
    """The strictest value of one key, and the mode that brings it."""

    override: Override
    value: float | bool | str
    mode: Mode

    @property
    def setting(self) -> Setting:
        return Setting(self.value, f"mode {self.mode.name} ({self.mode.source})")

    def tightens(self, held: Setting | None) -> bool:
        """Whether this is stricter than what holds; a setting without a value demands nothing."""
        if held is None or held.value is None:
            return True
        return self.override.strictness(self.value) > self.override.strictness(held.value)


def lay_over(policy: Policy, active: Sequence[ActiveMode], rules: Rules) -> tuple[Policy, tuple[str, ...]]:
    """The policy with the demands of the modes, and a note for each setting that one of them changed.

    `rules` give how often a change may be mended where the policy does not say it. Modes whose value is milder than
    the one that holds change nothing.
    """
    demands = _strictest(active)
    notes: list[str] = []
    projects = tuple(_project(project, demands, rules, notes) for project in policy.projects)
    return replace(policy, projects=projects), tuple(notes)


def _strictest(active: Sequence[ActiveMode]) -> list[_Demand]:
    """The strictest demand for each key; of equal ones that of the highest priority, then of the first name."""
    modes = sorted((one.mode for one in active), key=lambda mode: (-mode.priority.rank, mode.name))
    found = []
    for key, override in OVERRIDES.items():
        values = [(mode, mode.overrides[key]) for mode in modes if key in mode.overrides]
        if values:
            mode, value = max(values, key=lambda pair: override.strictness(pair[1]))
            found.append(_Demand(override, value, mode))
    return found


def _project(project: ProjectPolicy, demands: list[_Demand], rules: Rules, notes: list[str]) -> ProjectPolicy:
    where = f" in {project.root}" if project.root else ""
    of_run: Mapping[str, Setting] = {"max_fix_iterations": Setting(rules.max_fix_iterations, "quality-gate-rules")}
    settings = dict(project.settings)
    if not project.root:  # what concerns the whole run stands at the root
        for demand in (d for d in demands if not d.override.gate):
            held = settings.get(demand.override.setting, of_run.get(demand.override.setting))
            if demand.tightens(held):
                settings[demand.override.setting] = demand.setting
                notes.append(_note(demand, held, where))
    gates = tuple(
        _gate(gate, [d for d in demands if d.override.gate == gate.name], where, notes) for gate in project.gates
    )
    return replace(project, gates=gates, settings=settings)


def _gate(gate: GatePolicy, demands: list[_Demand], where: str, notes: list[str]) -> GatePolicy:
    settings = dict(gate.settings)
    for demand in demands:
        held = settings.get(demand.override.setting)
        if demand.tightens(held):
            settings[demand.override.setting] = demand.setting
            off = "" if gate.enabled else "; the gate is switched off"
            notes.append(_note(demand, held, where) + off)
    return replace(gate, settings=settings) if settings != gate.settings else gate


def _note(demand: _Demand, held: Setting | None, where: str) -> str:
    before = "" if held is None or held.value is None else f" instead of {_shown(held.value)} ({held.origin})"
    return f"{demand.override.place}{where} is {_shown(demand.value)}{before}: {demand.setting.origin}"


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
