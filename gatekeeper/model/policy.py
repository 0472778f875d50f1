"""What is demanded, and where each demand comes from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gatekeeper.model.finding import Severity
from gatekeeper.model.frozen import dataclass, field
from gatekeeper.model.gate_override import GateOverride, OverrideRecord
from gatekeeper.model.policy_change import PolicyChange

DEFAULTS_ALONE = "built-in defaults"
"""The source of a policy that no file configures."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and its origin: "default", "flag --jobs", "environment GATEKEEPER_JOBS" or ".gatekeeper.yml:3".

    Where a change edits the configuration, the side is told too: ".gatekeeper.yml:3 of the base".
    """

    value: Any
    origin: str = "default"


@dataclass(frozen=True, slots=True)
class GatePolicy:
    """What is demanded of one gate; the keys are those of the configuration file.

    `overrides` are those that may make its failure advisory.
    """

    name: str
    settings: Mapping[str, Setting] = field(default_factory=dict)
    overrides: tuple[GateOverride, ...] = ()

    def value(self, key: str, default: Any = None) -> Any:
        """The value of a setting, or the default where it is not set."""
        setting = self.settings.get(key)
        return default if setting is None else setting.value

    @property
    def enabled(self) -> bool:
        """Whether the gate is on."""
        return bool(self.value("enabled", True))

    @property
    def advisory(self) -> bool:
        """Whether the gate reports without blocking."""
        return bool(self.value("advisory", False))

    @property
    def minimum(self) -> float:
        """The least measured value that passes."""
        return float(self.value("minimum", 0))

    @property
    def block(self) -> Severity:
        """The mildest severity that blocks."""
        return Severity(self.value("block", "high"))

    @property
    def seconds_limit(self) -> float:
        """How long one job of the gate may take."""
        return float(self.value("timeout", 600))

    @property
    def paths(self) -> tuple[str, ...]:
        """The glob patterns, relative to the project, to which the gate is limited; empty means no limit."""
        return tuple(self.value("paths", ()))

    @property
    def command(self) -> str:
        """The command line of a command gate, or empty for a built-in one."""
        return str(self.value("run", ""))


@dataclass(frozen=True, slots=True)
class ProjectPolicy:
    """What is demanded of one project: the folder `root` (empty for the repository) and all that is nearest to it.

    `settings` are the keys beside `gates`: `python`, `source_roots`, `borrow` and the like.
    """

    root: str
    gates: tuple[GatePolicy, ...]
    settings: Mapping[str, Setting] = field(default_factory=dict)

    def value(self, key: str, default: Any = None) -> Any:
        """The value of a setting, or the default where it is not set."""
        setting = self.settings.get(key)
        return default if setting is None else setting.value

    def gate(self, name: str) -> GatePolicy | None:
        """The policy of the gate of this name."""
        return next((gate for gate in self.gates if gate.name == name), None)


@dataclass(frozen=True, slots=True)
class Policy:
    """The demands of a run: a policy for each project, nearest wins, and `source`, where it was read, in words.

    `changes` are the settings that the change asks to have relaxed, `overrides` what the file of overrides says.
    """

    projects: tuple[ProjectPolicy, ...]
    source: str = DEFAULTS_ALONE
    notes: tuple[str, ...] = ()
    changes: tuple[PolicyChange, ...] = ()
    overrides: tuple[OverrideRecord, ...] = ()

    def project_of(self, path: str) -> ProjectPolicy:
        """The project that a file belongs to: the one whose folder is nearest above it."""
        owners = [p for p in self.projects if not p.root or path.startswith(p.root + "/")]
        return max(owners, key=lambda project: len(project.root))
