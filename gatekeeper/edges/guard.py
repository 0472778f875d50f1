"""Ends what a run started when the run itself was killed and can no longer do so."""

from __future__ import annotations

import contextlib
import os
import subprocess

from gatekeeper.edges.strays import BIRTHS, LEADERS

# The guard reads from the run which process groups begin and end. `done` means that the run has cleared up behind
# itself; the end of input without it, that the run is gone. Then these groups are killed, and everything with the mark
# in its environment or the token among its open files, until nothing is found three times. The run itself holds the
# token too, and is let be.
_SCRIPT = r"""
is_meant() {
    grep -qsz -- "^$2" "$1/environ" && return
    [ "$1" != "/proc/$PPID" ] && ls -l "$1/fd" 2>/dev/null | grep -qF -- " -> $3"
}
groups=" "
while read -r word pid; do
    case $word in
    begun) groups="$groups$pid " ;;
    ended) groups="${groups%% $pid *} ${groups#* $pid }" ;;
    done) exit 0 ;;
    esac
done
for pid in $groups; do kill -KILL "-$pid" 2>/dev/null; done
rounds=0 quiet=0
while [ "$quiet" -lt 3 ] && [ "$rounds" -lt 100 ]; do
    found=$(
        grep -lsz -- "^$1" /proc/[0-9]*/environ
        ls -l /proc/[0-9]*/fd 2>/dev/null | while IFS= read -r line; do
            case $line in
            /proc/*/fd:) holder=${line%:} ;;
            *" -> $2") [ "$holder" = "/proc/$PPID/fd" ] || echo "$holder" ;;
            esac
        done
    )
    for place in $found; do
        pid=${place#/proc/}
        pid=${pid%/*}
        is_meant "/proc/$pid" "$1" "$2" && kill -KILL "$pid" 2>/dev/null
    done
    if [ -n "$found" ]; then quiet=0; else quiet=$((quiet + 1)); fi
    rounds=$((rounds + 1))
    sleep 0.05 2>/dev/null || sleep 1
done
"""


class Guard:
    """A small process beside the run, in a session of its own, so that no signal to the run's group reaches it.

    `mark` is how the environment of everything that is to be ended begins in one of its variables, as `NAME=value`;
    it is a basic regular expression. `token` is a number of an open file that every program of the run has to inherit:
    it tells one that has cleared its environment before the guard has heard of its group. Where there is no `/proc`
    only the process groups are ended.
    """

    def __init__(self, mark: str) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        nobody, self.token = os.pipe()
        os.close(nobody)
        name = f"pipe:[{os.fstat(self.token).st_ino}]"
        with contextlib.suppress(OSError), BIRTHS:  # a system without sh goes without a guard
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", _SCRIPT, "sh", mark, name], cwd="/", start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            LEADERS.add(self._process.pid)

    def watch(self, group: int) -> None:
        """A process group has begun."""
        self._tell(f"begun {group}\n")

    def forget(self, group: int) -> None:
        """A process group has ended: its number may soon be that of another."""
        self._tell(f"ended {group}\n")

    def dismiss(self) -> None:
        """Let the guard go: everything was ended in order."""
        os.close(self.token)
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(OSError):
            process.communicate(b"done\n")
        LEADERS.discard(process.pid)

    def _tell(self, line: str) -> None:
        if self._process and self._process.stdin:
            with contextlib.suppress(OSError):  # somebody has killed the guard; the run goes on without
                self._process.stdin.write(line.encode())
                self._process.stdin.flush()
