"""The environment in which a configured command finds the project's own tools and code first."""

from __future__ import annotations

import posixpath

from gatekeeper.ports import Request

PATH_FIRST = "GATEKEEPER_PATH_FIRST"
"""Names the folders that the process edge puts before PATH, which a gate cannot know."""


def tool_environment(request: Request) -> dict[str, str]:
    """The variables of a command: the project's environment and node_modules on the path, its code importable."""
    folders = [f"{request.root}/node_modules/.bin"]
    if request.environment.python:
        folders.insert(0, posixpath.dirname(request.environment.python))
    roots = ":".join(request.inside(root) for root in request.project.import_roots)
    return {PATH_FIRST: ":".join(folders)} | ({"PYTHONPATH": roots} if roots else {})
