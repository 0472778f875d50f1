"""Ends what a run started when the run itself was killed and can no longer do so."""

from __future__ import annotations

import contextlib
import subprocess

# The guard reads from the run. A word means that the run has cleared up behind itself; the end of input without one,
# that it is gone. Then everything with the mark in its environment is killed, until it finds nothing three times.
_SCRIPT = r"""
read -r word && exit 0
rounds=0 quiet=0
while [ "$quiet" -lt 3 ] && [ "$rounds" -lt 100 ]; do
    found=$(grep -lsz -- "^$1" /proc/[0-9]*/environ)
    for place in $found; do
        pid=${place#/proc/}
        kill -KILL "${pid%/environ}" 2>/dev/null
    done
    if [ -n "$found" ]; then quiet=0; else quiet=$((quiet + 1)); fi
    rounds=$((rounds + 1))
    sleep 0.05 2>/dev/null || sleep 1
done
"""


class Guard:
    """A small process beside the run, in a session of its own, so that no signal to the run's group reaches it.

    `mark` is how the environment of everything that is to be ended begins in one of its variables, as `NAME=value`;
    it is a basic regular expression. Where there is no `/proc` the guard does nothing.
    """

    def __init__(self, mark: str) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(OSError):  # a system without sh goes without a guard
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, "sh", mark], cwd="/", start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def dismiss(self) -> None:
        """Let the guard go: everything was ended in order."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.communicate(b"done\n")
