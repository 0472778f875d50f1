"""Notices what an interrupted `--fix` left behind, and has it finished or taken back."""

from __future__ import annotations

from pathlib import Path

from gatekeeper.model.errors import GatekeeperError


def recover_fixes(git_dir: str, top: str | None) -> str:
    """What was done about fixes that are half applied, in one line; empty where there are none.

    Raises `GatekeeperError` where nothing could be done about them.
    """
    if top is None or not Path(git_dir, "gatekeeper", "fix").exists():
        return ""
    from gatekeeper.edges.fix_steps import recover  # noqa: PLC0415 - hardly any run finds something

    try:
        ending = recover(git_dir, top)
    except (OSError, ValueError, KeyError) as error:
        raise GatekeeperError(
            f"an interrupted run left fixes half applied, and they can be neither finished nor taken back: {error}",
            f"{git_dir}/gatekeeper/fix holds the old and the new contents of the files; remove it when all is well",
        ) from error
    return ending.value if ending else ""
