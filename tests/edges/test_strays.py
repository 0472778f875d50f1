"""Only those are killed who are meant, whatever becomes of the numbers of processes meanwhile."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gatekeeper.edges.strays import kill_one, kill_strays

LAST_NUMBER = Path("/proc/sys/kernel/ns_last_pid")


def sleeping(**variables: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(["sleep", "60"], env={**os.environ, **variables})


def sleeping_as(number: int) -> subprocess.Popen[bytes]:
    """A new process that has this number; the test is skipped where nobody may choose one."""
    for _ in range(100):
        try:
            LAST_NUMBER.write_text(str(number - 1))
        except OSError:
            break
        process = sleeping()
        if process.pid == number:
            return process
        process.kill()
        process.wait()
    pytest.skip("the numbers of processes cannot be chosen here")


def test_who_inherits_a_number_is_let_be() -> None:
    """The process that was meant ends after it was looked at, and another one gets its number."""
    meant = sleeping()
    others = []

    def is_meant() -> bool:
        meant.kill()
        meant.wait()
        others.append(sleeping_as(meant.pid))
        return True

    killed = kill_one(meant.pid, is_meant)
    with others[0] as other:
        left = other.poll()
        other.kill()
    assert (killed, left) == (False, None)


def test_who_is_meant_is_killed_and_nobody_else() -> None:
    with sleeping() as one, sleeping() as two:
        assert kill_one(one.pid, lambda: True)
        assert not kill_one(two.pid, lambda: False)
        assert (one.wait(60), two.poll()) == (-9, None)
        two.kill()
    assert not kill_one(one.pid, lambda: True)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc")
def test_strays_are_known_by_the_beginning_of_a_variable() -> None:
    with sleeping(STRAY_MARK="word.1.") as one, sleeping(STRAY_MARK="word.12.") as two:
        assert kill_strays("STRAY_MARK=word.1.") == (one.pid,)
        assert (one.wait(60), two.poll()) == (-9, None)
        two.kill()
