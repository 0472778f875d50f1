"""Finds out for which hooks the configuration of pre-commit or prek starts Gatekeeper."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping

from gatekeeper.formats.hook_script import calls_gatekeeper

_OFFERED = {  # the hooks that Gatekeeper offers to the framework, with the stages that they are for
    "gatekeeper": frozenset({"pre-commit", "pre-merge-commit", "pre-push"}),
    "gatekeeper-commit-msg": frozenset({"commit-msg"}),
}
_OLDER_NAMES = {"commit": "pre-commit", "push": "pre-push", "merge-commit": "pre-merge-commit"}


def framework_calls(text: str, name: str, is_toml: bool) -> bool:
    """Whether a configuration has a hook that starts Gatekeeper for this hook of Git; never where it is unreadable."""
    document = _document(text, is_toml)
    if not isinstance(document, Mapping):
        return False
    usual = _names(document.get("default_stages"))
    return any(_is_called(hook, name, usual) for hook in _hooks(document))


def _document(text: str, is_toml: bool) -> object:
    import yaml  # noqa: PLC0415 - slow to import, and only needed where there is such a file

    try:
        return tomllib.loads(text) if is_toml else yaml.safe_load(text)
    except (ValueError, RecursionError, yaml.YAMLError):
        return None


def _hooks(document: Mapping[object, object]) -> Iterator[Mapping[object, object]]:
    repositories = document.get("repos")
    for repository in repositories if isinstance(repositories, list) else []:
        hooks = repository.get("hooks") if isinstance(repository, Mapping) else None
        yield from (hook for hook in hooks if isinstance(hook, Mapping)) if isinstance(hooks, list) else ()


def _is_called(hook: Mapping[object, object], name: str, usual: frozenset[str]) -> bool:
    entry, offered = hook.get("entry"), _OFFERED.get(str(hook.get("id")), frozenset())
    stages = _names(hook.get("stages"))
    if entry is None:
        return name in offered and (not stages or name in stages)
    starts = calls_gatekeeper(str(entry), name) or calls_gatekeeper(str(entry), "framework")
    return starts and (name in (stages or usual) or not (stages or usual))


def _names(stages: object) -> frozenset[str]:
    names = map(str, stages) if isinstance(stages, list) else ()
    return frozenset(_OLDER_NAMES.get(name, name) for name in names)
