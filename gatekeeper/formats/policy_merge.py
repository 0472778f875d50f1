"""Lays the configuration of a change over that of its base: what is stricter holds at once, what is milder does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from gatekeeper.formats.config_layers import MergedSetting
from gatekeeper.formats.config_values import ROOT_ONLY, relocated
from gatekeeper.model.direction import Direction, strictness_of
from gatekeeper.model.policy import GatePolicy, Policy, ProjectPolicy, Setting
from gatekeeper.model.policy_change import PolicyChange, Relaxed

_Place = tuple[str, ...]
_NOT_IN_FILES = ("default", "flag ", "environment ", "mode ")


@dataclass(slots=True)
class Merged:
    """The policy that holds, every relaxation that the change asks for, and the settings that it tightens."""

    policy: Policy
    relaxed: list[PolicyChange] = field(default_factory=list)
    tightened: list[str] = field(default_factory=list)


def merge_policies(base: Policy, head: Policy, is_new_folder: Callable[[str], bool]) -> Merged:
    """The policy of the base, tightened by what the change says.

    `is_new_folder` tells of a folder whether the base has nothing in it: only there may the change found a project.
    """
    merged = Merged(base)
    known = {project.root for project in base.projects}
    projects = [_project(project, _owner(head, project.root), merged) for project in base.projects]
    for project in head.projects:
        if project.root in known:
            continue
        if is_new_folder(project.root):
            projects.append(_project(_founded(base, project), project, merged))
        else:
            what = f"a project of its own in {project.root}"
            merged.relaxed.append(PolicyChange(Relaxed.SETTING, project.root, None, what, "", "added", held=True))
    for project in base.projects:
        if project.root and not any(other.root == project.root for other in head.projects):
            what = f"the project in {project.root}"
            merged.relaxed.append(PolicyChange(Relaxed.SETTING, project.root, None, what, "its own", "removed", True))
    ordered = tuple(sorted(projects, key=lambda project: project.root))
    more = ", tightened by the change" if merged.tightened else ""
    merged.policy = replace(base, projects=ordered, source=base.source + more)
    return merged


def milder_than(base: Policy, head: Policy) -> tuple[PolicyChange, ...]:
    """In what the configuration of a change asks for less than a policy that it replaces; all of it has effect."""
    merged = Merged(base)
    for project in head.projects:
        _project(_owner(base, project.root), project, merged)
    return tuple(replace(change, held=False) for change in merged.relaxed)


def _owner(policy: Policy, root: str) -> ProjectPolicy:
    return policy.project_of(f"{root}/x" if root else "x")


def _founded(base: Policy, project: ProjectPolicy) -> ProjectPolicy:
    """What the base demands of a folder that it does not know: all that it demands of the folder above, everywhere."""
    owner = _owner(base, project.root)
    gates = tuple(
        replace(gate, settings={key: setting for key, setting in gate.settings.items() if key != "paths"})
        for gate in owner.gates
    )
    settings = {key: setting for key, setting in owner.settings.items() if key not in ROOT_ONLY}
    python = settings.get("python")
    if python is not None:
        settings["python"] = replace(python, value=relocated(str(python.value), owner.root, project.root))
    return ProjectPolicy(project.root, gates, settings)


def _project(base: ProjectPolicy, head: ProjectPolicy, merged: Merged) -> ProjectPolicy:
    """One project of the base with what the change says of it; adds to what is relaxed and tightened."""
    of_head = head.settings
    if head.root != base.root:  # the change has no such project: what concerns the whole run is not meant for it
        of_head = {key: setting for key, setting in of_head.items() if key not in ROOT_ONLY}
    settings = _settings((), base.settings, of_head, base.root, merged)
    gates = []
    for gate in base.gates:
        other = head.gate(gate.name)
        if other is None:
            change = PolicyChange(
                Relaxed.GATE, "", None, _named(("gates", gate.name), base.root), "on", "removed", True
            )
            merged.relaxed.append(change)
            gates.append(gate)
        else:
            gates.append(
                GatePolicy(gate.name, _settings(("gates", gate.name), gate.settings, other.settings, base.root, merged))
            )
    for gate in head.gates:
        if base.gate(gate.name) is None:
            merged.tightened.append(_named(("gates", gate.name), base.root))
            gates.append(replace(gate, settings={k: _marked(s, "the change") for k, s in gate.settings.items()}))
    return ProjectPolicy(base.root, tuple(gates), settings)


def _settings(
    place: _Place, base: Mapping[str, Setting], head: Mapping[str, Setting], root: str, merged: Merged
) -> dict[str, Setting]:
    """The settings of one table, in the order of the base."""
    found: dict[str, Setting] = {}
    for key in dict.fromkeys((*base, *head)):
        one, other = base.get(key), head.get(key)
        if isinstance(one, MergedSetting) or isinstance(other, MergedSetting):
            parts = _settings((*place, key), _parts(one), _parts(other), root, merged)
            found[key] = _together(parts)
            continue
        setting = _setting((*place, key), one, other, root, merged)
        if setting is not None:
            found[key] = setting
    return found


def _parts(setting: Setting | None) -> Mapping[str, Setting]:
    return setting.parts if isinstance(setting, MergedSetting) else {}


def _together(parts: Mapping[str, Setting]) -> MergedSetting:
    origins = dict.fromkeys(setting.origin for setting in parts.values())
    return MergedSetting({key: s.value for key, s in parts.items()}, ", ".join(origins) or "default", parts)


def _setting(place: _Place, base: Setting | None, head: Setting | None, root: str, merged: Merged) -> Setting | None:
    """What holds of one setting; None where nothing does."""
    before, after = base.value if base else None, head.value if head else None
    combined = strictness_of(place).combine(before, after)
    if combined.relaxed:
        merged.relaxed.append(_change(place, base, head, root))
    if combined.tightened:
        merged.tightened.append(_named(place, root))
    for setting, side in ((base, "the base"), (head, "the change")):
        value = setting.value if setting else None
        if combined.value == value and isinstance(combined.value, bool) is isinstance(value, bool):
            return _marked(setting, side) if setting else None
    origins = [_marked(setting, side).origin for setting, side in ((base, "the base"), (head, "the change")) if setting]
    return Setting(combined.value, " and ".join(origins))


def _marked(setting: Setting, side: str) -> Setting:
    """The setting with the side that it came from in its origin, where that is a file."""
    origin = setting.origin
    return setting if origin.startswith(_NOT_IN_FILES) else replace(setting, origin=f"{origin} of {side}")


def _change(place: _Place, base: Setting | None, head: Setting | None, root: str) -> PolicyChange:
    path, line = _where(head)
    if not path:  # the change no longer sets it
        path, line = _where(base)[0], None
    switched = place[-1] in ("enabled", "advisory")
    before, after = shown(base.value if base else None), shown(head.value if head else None)
    kind = Relaxed.GATE if switched else Relaxed.SETTING
    return PolicyChange(kind, path, line, _named(place, root), before, after, held=True)


def _where(setting: Setting | None) -> tuple[str, int | None]:
    if setting is None or setting.origin.startswith(_NOT_IN_FILES):
        return "", None
    name, _, line = setting.origin.rpartition(":")
    return (name, int(line)) if line.isdigit() else (setting.origin, None)


def _named(place: _Place, root: str) -> str:
    return ".".join(place) + (f" in {root}" if root else "")


def shown(value: object) -> str:
    """A value as one would write it in a configuration, cut to a readable length."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        text = "[" + ", ".join(map(str, value)) + "]"
    else:
        text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 120 else text[:119] + "…"


def comparable(change: PolicyChange) -> bool:
    """Whether a relaxation of a setting is one that can be measured, not just another value."""
    if change.kind is not Relaxed.SETTING:
        return True
    place = tuple(change.what.split(" in ")[0].split("."))
    is_setting = place[0] != "gates" or len(place) > 2
    return not is_setting or strictness_of(place).direction is not Direction.BASE
