"""The environment variables of programs that run code of the repository."""

from __future__ import annotations

import os
from collections.abc import Sequence

from gatekeeper.edges.framework import is_isolated, without_framework
from gatekeeper.formats.tool_environment import PATH_FIRST

_GIT_KEPT = frozenset({"GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSL_NO_VERIFY", "GIT_SSL_CAINFO", "GIT_EXEC_PATH"})
_CREDENTIALS = frozenset(
    {"GITHUB_TOKEN", "GH_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
    | {"GATEKEEPER_TOKEN", "GATEKEEPER_APP_TOKEN"}
    | {"ACTIONS_RUNTIME_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_CACHE_URL"}
    | {"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"}
    | {"ACTIONS_RUNTIME_URL", "ACTIONS_RESULTS_URL", "TWINE_PASSWORD", "UV_PUBLISH_TOKEN"}
    | {"CI_JOB_TOKEN", "CI_REGISTRY_PASSWORD", "CI_DEPLOY_PASSWORD", "GITLAB_TOKEN", "SYSTEM_ACCESSTOKEN"}
    | {"PYPI_TOKEN", "PYPI_API_TOKEN", "FLIT_PASSWORD", "HATCH_INDEX_AUTH", "NPM_TOKEN", "CARGO_REGISTRY_TOKEN"}
)
_INPUTS = "INPUT_"  # what a workflow hands to an action, its token among it
_PYTHON_VARIABLES = frozenset(
    {"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONSAFEPATH", "PYTHONPYCACHEPREFIX", "__PYVENV_LAUNCHER__"}
    | {"PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER", "PYTEST_VERSION"}
    | {"COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE", "COVERAGE_RCFILE"}
)


def child_environment(extra: Sequence[tuple[str, str]] = ()) -> dict[str, str]:
    """The environment for a program that runs code of the repository.

    Git's variables are out, so that a test which calls Git inside a hook cannot write into the user's repository;
    credentials are out; and so is what would change Python, pytest or coverage behind our back.
    """
    dropped = _CREDENTIALS | _PYTHON_VARIABLES
    environment = {
        name: value
        for name, value in (without_framework(os.environ) if is_isolated() else os.environ).items()
        if name not in dropped and not name.startswith(_INPUTS) and (not name.startswith("GIT_") or name in _GIT_KEPT)
    }
    environment.update(extra)
    first = environment.pop(PATH_FIRST, "")
    if first:
        environment["PATH"] = f"{first}:{environment.get('PATH', os.defpath)}"
    return environment
