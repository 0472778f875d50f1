"""The shipped descriptions of coding agents, read from the files that lie beside this module."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent


def template_names() -> tuple[str, ...]:
    """The names of all shipped descriptions, sorted."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.yml")))


def template_bytes(name: str) -> bytes:
    """The description of this name, which is one of `template_names()`, as YAML."""
    return (_FOLDER / f"{name}.yml").read_bytes()
