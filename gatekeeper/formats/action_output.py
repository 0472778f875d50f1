"""Writes what a run came to as outputs of a step of GitHub Actions."""

from __future__ import annotations

import json
import re

from gatekeeper.model.report import Report

_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,}")


def action_outputs(report: Report, report_path: str) -> dict[str, str]:
    """The outputs by name.

    `verdict` is the exit code as a word and `exit` its number. `score` and `coverage` are what the gates review and
    coverage measured, of several projects the lowest, empty where nothing was. `failed-gates` is a JSON list of the
    gates that block, `report` the file with the JSON report.
    """
    return {
        "verdict": report.exit.name.lower(),
        "exit": str(int(report.exit)),
        "score": _least(report, "review", "/10"),
        "coverage": _least(report, "coverage", "%"),
        "failed-gates": json.dumps([verdict.name for verdict in report.verdicts if verdict.blocks]),
        "report": report_path,
    }


def output_text(outputs: dict[str, str], delimiter: str) -> str:
    """The outputs as text to be appended to the file that `GITHUB_OUTPUT` names.

    Each value stands between two lines with the delimiter, which has to be one that nobody can guess. Raises ValueError
    for a short one, and for a value that holds it.
    """
    if not _TOKEN.fullmatch(delimiter):
        raise ValueError("a delimiter needs 16 letters or digits or more")
    for name, value in outputs.items():
        if delimiter in value:
            raise ValueError(f"the output {name} holds the delimiter")
    # a bare carriage return ends a line for the reader too
    return "".join(
        f"{name}<<{delimiter}\n{value.replace(chr(13), ' ')}\n{delimiter}\n" for name, value in outputs.items()
    )


def _least(report: Report, gate: str, unit: str) -> str:
    """The lowest figure, rounded down to two digits, so that it never looks as if it reached what it missed."""
    figures = [v.measured for v in report.verdicts if v.gate == gate and v.unit == unit and v.measured is not None]
    return f"{int(min(figures) * 100 + 1e-9) / 100:.2f}" if figures else ""
