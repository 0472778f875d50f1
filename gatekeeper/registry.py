"""Finds gates and reporters by name: a leaf's file name is its name, and only what a run uses is imported."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TextIO, cast

from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.errors import UsageError
from gatekeeper.ports import Gate, Reporter

_HERE = Path(__file__).parent
_COMMAND = "command"


def built_in_gates() -> tuple[str, ...]:
    """The names of the gates that come with Gatekeeper."""
    return tuple(_spoken(leaf) for leaf in _leaves("gates") if leaf != _COMMAND)


def load_gate(name: str) -> Gate:
    """The built-in gate of this name; any other name is a gate that runs a command."""
    leaf = next((leaf for leaf in _leaves("gates") if _spoken(leaf) == name), _COMMAND)
    return cast(Gate, import_module(f"gatekeeper.gates.{leaf}").GATE)


def make_reporter(name: str, stream: TextIO, options: ReporterOptions) -> Reporter:
    """A reporter that writes to the stream."""
    if name not in _leaves("reporters"):
        raise UsageError(f"there is no report called {name!r}", f"choose from {', '.join(_leaves('reporters'))}")
    leaf = import_module(f"gatekeeper.reporters.{name}")
    # reporters are blind to one another: one that stands around another is handed it
    inner = (make_reporter(leaf.AROUND, stream, options),) if hasattr(leaf, "AROUND") else ()
    return cast(Reporter, leaf.make(stream, options, *inner))


def _spoken(leaf: str) -> str:
    """The name of a gate as people write it: a file name of Python cannot hold a hyphen."""
    return leaf.replace("_", "-")


@cache
def _leaves(room: str) -> tuple[str, ...]:
    entries = (entry for entry in (_HERE / room).iterdir() if not entry.name.startswith("_"))
    return tuple(sorted(entry.stem for entry in entries if entry.suffix == ".py" or (entry / "__init__.py").exists()))
