"""Writes a policy as YAML that can be read again as a configuration, or as JSON with the origin of every value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from gatekeeper.formats.config_layers import MergedSetting
from gatekeeper.formats.terminal_text import one_line
from gatekeeper.model.policy import Policy, ProjectPolicy, Setting

JSON_VERSION = 1


def policy_yaml(policy: Policy, show_origin: bool = False) -> str:
    """The policy as YAML, a document for each project: each can stand as `.gatekeeper.yml` in the project's folder.

    With `show_origin` a comment behind each value says where it comes from.
    """
    lines = [f"# {one_line(policy.source)}", *(f"# {one_line(note)}" for note in policy.notes)]
    for index, project in enumerate(policy.projects):
        if index:
            lines += ["---", f"# the project in {one_line(project.root)}"]
        lines += _project_lines(project, show_origin)
    return "\n".join(lines) + "\n"


def policy_json(policy: Policy) -> str:
    """The policy as JSON: for each project its settings and gates, each value with its origin."""
    projects = [
        {
            "root": project.root,
            "settings": _with_origins(project.settings),
            "gates": {gate.name: _with_origins(gate.settings) for gate in project.gates},
        }
        for project in policy.projects
    ]
    data = {"schema": JSON_VERSION, "source": policy.source, "notes": policy.notes, "projects": projects}
    return json.dumps(data, indent=2) + "\n"


def _project_lines(project: ProjectPolicy, show_origin: bool) -> Iterator[str]:
    yield from _setting_lines(project.settings, "", show_origin)
    yield "gates:"
    for gate in project.gates:
        yield f"  {_scalar(gate.name)}:"
        yield from _setting_lines(gate.settings, "    ", show_origin)


def _setting_lines(settings: Mapping[str, Setting], indent: str, show_origin: bool) -> Iterator[str]:
    for key, setting in settings.items():
        if isinstance(setting, MergedSetting) and setting.parts:
            yield f"{indent}{_scalar(key)}:"
            yield from _setting_lines(setting.parts, indent + "  ", show_origin)
        else:
            comment = f"  # {setting.origin}" if show_origin else ""
            yield f"{indent}{_scalar(key)}: {_scalar(setting.value)}{comment}"


def _scalar(value: Any) -> str:
    """A value on one line of YAML."""
    plain = list(value) if isinstance(value, tuple) else value
    text = _dump(plain)
    # A text with line breaks would be folded over several lines; in double quotes it is not.
    return _dump(plain, '"') if "\n" in text else text


def _dump(value: Any, style: str | None = None) -> str:
    text = yaml.safe_dump(
        value, default_flow_style=True, default_style=style, width=float("inf"), allow_unicode=True, sort_keys=False
    )
    return text.removesuffix("\n").removesuffix("\n...")


def _with_origins(settings: Mapping[str, Setting]) -> dict[str, Any]:
    return {
        key: {
            "value": setting.value,
            "origin": setting.origin,
            **({"parts": _with_origins(setting.parts)} if isinstance(setting, MergedSetting) else {}),
        }
        for key, setting in settings.items()
    }
