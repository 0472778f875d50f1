"""The environment variables of a coding agent: those that every program needs, and those that are named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping

from gatekeeper.edges.framework import is_isolated, without_framework
from gatekeeper.formats.agent_templates import described_template
from gatekeeper.formats.terminal_text import phrase
from gatekeeper.model.coding_agent import CodingAgent
from gatekeeper.model.errors import UsageError

_USUAL = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TERM", "TMPDIR", "TZ", "COLORTERM"}
    | {"SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"}
    | {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy"}
    | {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"}
)


def agent_environment(names: Iterable[str], settings: Mapping[str, str]) -> dict[str, str]:
    """All that an agent gets: what is not on the list stays here, tokens and Git's variables among it.

    Places on the PATH that are relative are left out: in a worktree they would lead to files of the repository.
    """
    variables = without_framework(os.environ) if is_isolated() else dict(os.environ)
    wanted = _USUAL.union(names)
    kept = {name: value for name, value in variables.items() if name in wanted or name.startswith("LC_")}
    places = kept.get("PATH", os.defpath).split(os.pathsep)
    kept["PATH"] = os.pathsep.join(place for place in places if os.path.isabs(place))  # noqa: PTH117 - of texts
    return {**kept, **settings}


def require_program(agent: CodingAgent) -> None:
    """Raise UsageError where an agent has no program that it could be started by, with the way to get it.

    A program that lies in the worktree, or whose name is filled in only there, is taken to be there.
    """
    program = agent.argv[0]
    if "{" in program or (os.sep in program and not os.path.isabs(program)):  # noqa: PTH117 - as above
        return
    if shutil.which(program, path=agent_environment(agent.environment, dict(agent.settings))["PATH"]) is None:
        way = f"`{described_template(agent.template).install}`" if agent.template else "install it"
        raise UsageError(
            f"the agent {agent.name} cannot be started: there is no program {phrase(program)}",
            f"{way}, or name another with --agent; `gatekeeper agents` lists those that are there",
        )
