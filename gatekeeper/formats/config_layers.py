"""Lays the settings of defaults, files, environment and flags over one another and keeps where each comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gatekeeper.formats.config_errors import origin
from gatekeeper.formats.config_values import ROOT_ONLY, relocated, settled
from gatekeeper.formats.located import Located, Place
from gatekeeper.model.defaults import COMMAND, GATES, OPTIONAL_GATES, PROJECT, REPOSITORY
from gatekeeper.model.frozen import dataclass, field
from gatekeeper.model.policy import GatePolicy, ProjectPolicy, Setting

_MERGED = frozenset({"criteria", "openapi", "env", "cache"})
_DEEPEST_OPTION = 3  # gates, the name of the gate, the option
"""Options that are mappings themselves and are overridden key by key."""


@dataclass(frozen=True, slots=True)
class MergedSetting(Setting):
    """A mapping whose keys may come from different places: `value` is the whole of it, `parts` are the single ones."""

    parts: Mapping[str, Setting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """One configuration file that was read: its path, the folder that it configures, and what of its data is sound.

    `doubtful` are the gates of which something was not sound.
    """

    path: str
    root: str
    data: Mapping[str, Any]
    located: Located
    doubtful: frozenset[str] = frozenset()

    def origin_of(self, place: Place) -> str:
        """Where a value of this file stands, such as `.gatekeeper.yml:3`."""
        return origin(self.path, self.located.line_of(place))


class Layers:
    """The settings of one project while they are laid over one another, the outermost first."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.gate_origins: dict[str, str] = {}
        self.doubtful: frozenset[str] = frozenset()
        self._defaults: Mapping[str, Any] = PROJECT if root else {**PROJECT, **REPOSITORY}
        self._settings = _defaults_of(self._defaults)
        self._gates = {name: _defaults_of(options) for name, options in GATES.items()}

    def lay_file(self, file: ConfigFile) -> None:
        """Lay a file of this folder or of one above it over what is there."""
        self.doubtful |= file.doubtful
        for key, value in file.data.items():
            if key == "gates":
                for name, options in (value or {}).items():
                    self._lay_gate(file, name, options)
            elif not self.root or key not in ROOT_ONLY:
                self._put_setting(key, value, file.origin_of((key,)), file.root)

    def lay_override(self, place: Sequence[str], setting: Setting) -> None:
        """Lay a single value, given by the keys that lead to it, over what is there; no gate comes into being by it."""
        if place[0] != "gates":
            if not self.root or place[0] not in ROOT_ONLY:
                self._put_setting(place[0], setting.value, setting.origin, "")
        elif place[1] in self._gates:
            value = {place[3]: setting.value} if len(place) > 3 else setting.value
            self._put_option(place[1], place[2], value, [setting.origin])

    def policy(self) -> ProjectPolicy:
        """The settings as they are now: the built-in gates in their order, then the others in the order of the file."""
        gates = tuple(GatePolicy(name, dict(table)) for name, table in self._gates.items())
        return ProjectPolicy(self.root, gates, dict(self._settings))

    def _put_setting(self, key: str, value: Any, where: str, written_in: str) -> None:
        if key == "python" and isinstance(value, str):
            value = relocated(value, written_in, self.root)
        parts = len(value) if key in _MERGED and isinstance(value, dict) else 1
        _put(self._settings, key, value, [where] * parts, (key,))
        if value is None and key in self._defaults:
            self._settings[key] = Setting(self._defaults[key])

    def _lay_gate(self, file: ConfigFile, name: str, options: Any) -> None:
        place = ("gates", name)
        self.gate_origins.setdefault(name, file.origin_of(place))
        self._gates.setdefault(name, _defaults_of(OPTIONAL_GATES.get(name, COMMAND)))
        if isinstance(options, bool):
            options = {"enabled": options}
        for key, value in (options or {}).items():
            inner = [file.origin_of((*place, key, part)) for part in value] if isinstance(value, dict) else []
            self._put_option(name, key, value, inner if key in _MERGED else [file.origin_of((*place, key))])

    def _put_option(self, name: str, key: str, value: Any, origins: list[str]) -> None:
        defaults = GATES.get(name) or OPTIONAL_GATES.get(name, COMMAND)
        _put(self._gates[name], key, value, origins, ("gates", name, key))
        if value is None and key in defaults:
            self._gates[name][key] = Setting(defaults[key])


def _defaults_of(options: Mapping[str, Any]) -> dict[str, Setting]:
    return {
        key: _merged({part: Setting(inner) for part, inner in value.items()}) if key in _MERGED else Setting(value)
        for key, value in options.items()
    }


def _put(table: dict[str, Setting], key: str, value: Any, origins: list[str], place: Place) -> None:
    """Set, merge or (for None) unset one key; `origins` has one for the value, or one for each part of a mapping."""
    if value is None:
        table.pop(key, None)
    elif key in _MERGED and len(place) <= _DEEPEST_OPTION:  # a variable in `env` may be called `env` too
        before = table.get(key)
        parts = dict(before.parts) if isinstance(before, MergedSetting) else {}
        for (part, inner), where in zip(value.items(), origins, strict=True):
            _put(parts, part, inner, [where], (*place, part))
        if parts or before is not None:
            table[key] = _merged(parts)
    else:
        table[key] = Setting(settled(value, place), origins[0])


def _merged(parts: Mapping[str, Setting]) -> MergedSetting:
    origins = dict.fromkeys(setting.origin for setting in parts.values())
    value = {part: setting.value for part, setting in parts.items()}
    return MergedSetting(value, ", ".join(origins) or "default", dict(parts))
