"""The command `gatekeeper`, also started as `python -m gatekeeper`."""

import gc
import os
import sys
from typing import NoReturn

gc.set_threshold(100_000, 50, 100)  # a run makes few circles, and looking for them while it imports takes its time


def run() -> NoReturn:
    """Run the command line and leave with its exit code, past the clearing up of an interpreter that is done.

    That takes as long as a tenth of an empty run, and frees what goes with the process anyway. Whoever measures us
    wants to be told of the end, so then it is the usual one.
    """
    from gatekeeper.cli.main import main  # noqa: PLC0415 - after the line above

    code = main()
    if "coverage" in sys.modules or sys.gettrace() is not None or sys.getprofile() is not None:
        raise SystemExit(code)
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except OSError:
        code = code or 3  # what was said has not been heard
    os._exit(code)


if __name__ == "__main__":
    run()
