"""What `gatekeeper run --fix` does before the run: has the change corrected, and shows the patch."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable
from typing import TextIO

from gatekeeper.fix_wiring import FixOptions, fix_change
from gatekeeper.formats.fix_text import fix_lines, fixes_document, trouble_lines
from gatekeeper.formats.json_values import json_value
from gatekeeper.formats.text_style import TextStyle, fits_encoding, has_signs
from gatekeeper.model.errors import UsageError
from gatekeeper.model.fix import Fixes, FixState
from gatekeeper.model.frozen import replace
from gatekeeper.model.report import Exit
from gatekeeper.wiring import RunOptions


def run_with_fixes(
    options: argparse.Namespace, run_options: RunOptions, judge: Callable[[argparse.Namespace, RunOptions], int]
) -> int:
    """Fix, show, have `judge` judge and show what came of it, and tell the exit code; with `--dry-run` only show.

    A dry run ends with 0 where there is nothing to fix, 1 where there is, 3 where a fixer could not be used.
    """
    if not options.fix:
        raise UsageError("--dry-run needs --fix", "gatekeeper run --fix --dry-run")
    wanted = FixOptions(run_options.folder, run_options.wish, run_options.flags, options.dry_run)
    fixes, wish = fix_change(wanted)
    if options.dry_run:
        return _show_alone(fixes, options)
    if not options.format or options.format == "plain" or options.output:
        _show(fixes, options, sys.stdout)
    return judge(options, replace(run_options, wish=wish, fixes=fixes))


def _show_alone(fixes: Fixes, options: argparse.Namespace) -> int:
    if options.format == "json":
        sys.stdout.write(json.dumps(json_value(fixes_document(fixes)), indent=2) + "\n")
    else:
        _show(fixes, options, sys.stdout)
        if not fixes.diff:
            sys.stdout.write("nothing to fix\n")
        for line in trouble_lines(fixes):
            sys.stderr.write(f"gatekeeper: {line}\n")
    if fixes.failures:
        return Exit.COULD_NOT_CHECK
    return Exit.BLOCKED if fixes.files else Exit.PASSED


def _show(fixes: Fixes, options: argparse.Namespace, stream: TextIO) -> None:
    if options.quiet and fixes.state is FixState.APPLIED:
        return
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb" or not stream.isatty()
    colour = options.colour == "always" or (options.colour == "auto" and not plain)
    encoding = getattr(stream, "encoding", None)
    style = TextStyle(shutil.get_terminal_size((100, 24)).columns, colour, not has_signs(encoding))
    stream.write(fits_encoding("".join(f"{line}\n" for line in fix_lines(fixes, style)), encoding))
    stream.flush()
