"""`gatekeeper audit`: names the commits of a range that no gate has seen."""

from __future__ import annotations

import argparse
import json
import shutil
import sys

from gatekeeper.model.errors import UsageError
from gatekeeper.model.report import Exit

_DESCRIPTION = """\
Holds every commit of BASE..HEAD against the verdicts that runs have recorded (as Git notes on trees), and tells
which commits passed every gate, and which were never judged, did not pass, were changed after their gate, or had
a gate skipped. Exits with 0 when every commit passed, 1 when one did not, and 3 when it could not look.

The record is a trace and no proof: who can write to a repository can write a note. What has to hold is judged in CI.
"""


def register(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.description = _DESCRIPTION
    parser.set_defaults(function=run)
    parser.add_argument("range", metavar="BASE..HEAD", help="the commits that HEAD has and BASE has not")
    parser.add_argument("--format", choices=("plain", "json", "markdown"), default="plain", help="default: plain")
    parser.add_argument("-C", dest="folder", metavar="DIR", default=".", help="work as if started in DIR")


def run(options: argparse.Namespace) -> int:
    """Look, show, and tell the exit code."""
    from gatekeeper.audit_wiring import audit_range  # noqa: PLC0415 - Git is slow to import, and --help needs none
    from gatekeeper.formats.audit_text import NOT_HERE, audit_document, audit_markdown, audit_text  # noqa: PLC0415
    from gatekeeper.formats.text_style import TextStyle, fits_encoding, has_signs  # noqa: PLC0415

    base, head = _ends(options.range)
    audit = audit_range(options.folder, base, head)
    encoding = getattr(sys.stdout, "encoding", None)
    if options.format == "json":
        text = json.dumps(audit_document(audit), indent=2) + "\n"
    elif options.format == "markdown":
        text = audit_markdown(audit)
    else:
        text = audit_text(audit, TextStyle(shutil.get_terminal_size((100, 24)).columns, False, not has_signs(encoding)))
    sys.stdout.write(fits_encoding(text, encoding))
    if audit.findings and not any(finding.run for finding in audit.findings):
        sys.stderr.write(f"{NOT_HERE}\n")
    return Exit.PASSED if audit.covered == len(audit.findings) else Exit.BLOCKED


def _ends(text: str) -> tuple[str, str]:
    """Both ends of a range; without the second one, HEAD."""
    base, dots, head = text.partition("..")
    if not base or not dots or head.startswith("."):
        raise UsageError(f"{text!r} is not a range of commits", "name it as BASE..HEAD, for example origin/main..HEAD")
    return base, head or "HEAD"
