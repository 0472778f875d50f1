"""Plans the command that generates an OpenAPI description, and compares what it says with the committed file."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from gatekeeper.formats.command_line import words_of
from gatekeeper.model.job import Job, Outcome
from gatekeeper.ports import Request

if TYPE_CHECKING:
    from gatekeeper.gates.docs.checks import Item

JOB = "docs.openapi"


def command_of(request: Request) -> str:
    """The command of the policy that prints the description, "" for none."""
    return str((request.policy.value("openapi") or {}).get("command") or "")


def file_of(request: Request) -> str:
    """The path of the description that the policy names, relative to the repository; "" where it is to be found."""
    named = str((request.policy.value("openapi") or {}).get("file") or "").removeprefix("./")
    return f"{request.project.root}/{named}" if named and request.project.root else named


def trouble(request: Request) -> str:
    """Why the command cannot be started, "" where it can."""
    try:
        words_of(command_of(request) or "none")
    except ValueError as error:
        return f"openapi.command: {error}"
    return ""


def generation(request: Request) -> Job:
    """The job that generates the description in the project's environment, from the candidate."""
    argv = list(words_of(command_of(request)))
    if argv[0] in ("python", "python3"):
        argv[0] = request.environment.python
    roots = [request.inside(root) for root in request.project.import_roots]
    return Job(
        id=JOB,
        gate=request.policy.name,
        label="generate the OpenAPI description",
        argv=tuple(argv),
        cwd=request.root,
        seconds_limit=request.policy.seconds_limit,
        env=(("PYTHONPATH", ":".join(roots)),),
    )


def comparison(request: Request, outcome: Outcome, path: str, text: str) -> Item | str:
    """The item that the generated description makes, or in words why the two could not be compared."""
    from gatekeeper.gates.docs.checks import Item  # noqa: PLC0415 - only where a description was generated

    generated = _read(outcome.stdout)
    if not isinstance(generated, dict):
        return f"`{command_of(request)}` printed no OpenAPI description"
    if _read(text) == generated:
        return Item("D6")
    name = path or file_of(request) or "openapi.json"
    shown = name[len(request.project.root) + 1 :] if request.project.root else name
    message = f"{name} is not what the code describes: run `{command_of(request)} > {shown}` and commit it"
    return Item("D6", message, name)


def _read(text: str) -> Any:
    """A description as plain data, from JSON or YAML; None where it is neither."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    import yaml  # noqa: PLC0415 - most changes touch no description, and every start would pay

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
