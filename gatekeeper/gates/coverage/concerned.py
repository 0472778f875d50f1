"""Tells which files of a change coverage is asked of, and whether of any: most changes of documents ask for none."""

from __future__ import annotations

from gatekeeper.model.change import Change, FileChange, Role
from gatekeeper.ports import Request


def product_files(change: Change) -> tuple[FileChange, ...]:
    """The changed files of product code, in any language, to which the change added lines."""
    return tuple(
        file
        for file in change.files
        if file.exists and file.role is Role.SOURCE and file.added and not file.path.endswith(".d.ts")
    )


def python_files(request: Request) -> tuple[FileChange, ...]:
    """The changed Python files that are product code; without added lines there is nothing in them to cover."""
    whole = request.target.whole
    return tuple(
        file for file in request.change.files if file.is_python and file.role is Role.SOURCE and (whole or file.added)
    )


def forbids_drop(request: Request) -> bool:
    """Whether the total must not be less than that of the base, where there is one."""
    return request.policy.value("drop", "allow") == "forbid" and request.target.has_base


def is_wanted(request: Request) -> bool:
    """Whether there is anything to look at."""
    if request.policy.value("total") is not None or forbids_drop(request):
        return True
    return bool(product_files(request.change) if request.policy.value("reads") else python_files(request))
