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
    _open_streams()
    from gatekeeper.cli.main import main  # noqa: PLC0415 - after the line above

    code = main()
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            code = code or 3  # what was said has not been heard
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python tries again, and has a code of its own
    if "coverage" in sys.modules or sys.gettrace() is not None or sys.getprofile() is not None:
        raise SystemExit(code)
    os._exit(code)


def _open_streams() -> None:
    """Open standard streams that were closed, on nothing: the next file opened would get their number and be theirs.

    The input stays None for Python, so that whoever wants to read it sees that there is none.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is not None:
            continue
        os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free is this one
        if number:
            setattr(sys, name, os.fdopen(number, "w", closefd=False))


if __name__ == "__main__":
    run()
