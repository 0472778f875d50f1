"""`gatekeeper render`: makes from a JSON report what a job of GitHub Actions shows and hands on."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.report import Exit

_DESCRIPTION = """\
Makes from a JSON report the summary of a job of GitHub Actions, or the outputs of a step. The report may come from
anybody: it is checked against its schema and its bounds. Exits with 3 where it is no report.
"""
_MOST_BYTES = 100 << 20


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument("report", metavar="REPORT", help="what `gatekeeper run --format json` wrote")
    parser.add_argument("--as", dest="form", required=True, choices=("summary", "outputs"), help="what to make of it")


def run(options: argparse.Namespace) -> int:
    """Write what was asked for to standard output, and tell the exit code."""
    from gatekeeper.edges.documents import read_document  # noqa: PLC0415 - --help needs none of these
    from gatekeeper.formats.text_style import fits_encoding  # noqa: PLC0415
    from gatekeeper.formats.unreadable import UnreadableReport  # noqa: PLC0415

    document = read_document(options.report, _MOST_BYTES, "the report")
    make = _outputs if options.form == "outputs" else _summary
    try:
        text = make(document, options.report)
    except UnreadableReport as error:
        raise GatekeeperError(f"{options.report} is no report: {error}", "run Gatekeeper again") from error
    sys.stdout.write(fits_encoding(text, getattr(sys.stdout, "encoding", None)))
    return Exit.PASSED


def _outputs(document: object, place: str) -> str:
    import secrets  # noqa: PLC0415 - the summary needs none of these

    from gatekeeper.formats.action_output import action_outputs, output_text  # noqa: PLC0415
    from gatekeeper.formats.report_reader import read_report  # noqa: PLC0415

    outputs = action_outputs(read_report(document).report, str(Path(place).absolute()))
    return output_text(outputs, secrets.token_hex(16))


def _summary(document: object, place: str) -> str:
    from gatekeeper.formats.report_reader import read_report  # noqa: PLC0415 - as above
    from gatekeeper.formats.summary import render_summary  # noqa: PLC0415

    head = read_report(document).report.target.head
    assert isinstance(document, dict)  # noqa: S101 - it has been read
    return render_summary(document, _context(os.environ, head))


def _context(environment: Mapping[str, str], head: str) -> CommentContext | None:
    """Where the summary will stand, for its links; None where the variables of GitHub Actions do not tell."""
    told: dict[str, Any] = {
        "server": environment.get("GITHUB_SERVER_URL", "").rstrip("/"),
        "repository": environment.get("GITHUB_REPOSITORY", ""),
    }
    run = environment.get("GITHUB_RUN_ID", "")
    page = f"{told['server']}/{told['repository']}/actions/runs/{run}" if run else ""
    try:
        number, attempt = int(run or 0), int(environment.get("GITHUB_RUN_ATTEMPT") or 0)
        return CommentContext(run_url=page, run_id=number, attempt=attempt, head_sha=head, **told)
    except ValueError:
        return None
