"""Which processes go on is told also of those that have only just been started."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing import util

import pytest

from gatekeeper.inside.record_processes import descendants, processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody asks")


def test_what_multiprocessing_starts_to_clear_up_is_known_from_its_first_moment() -> None:
    for _ in range(20):
        before = processes()
        reader, writer = os.pipe()
        tracker = f"from multiprocessing.resource_tracker import main;main({reader})"
        number = util.spawnv_passfds(os.fsencode(sys.executable), [sys.executable, "-c", tracker], [reader])
        found = descendants(before)
        os.close(reader)
        os.close(writer)
        os.waitpid(number, 0)
        assert found == set()


def test_a_program_that_has_only_just_been_started_goes_on() -> None:
    before = processes()
    with subprocess.Popen(["sleep", "60"]) as program:
        found = descendants(before)
        program.kill()
    assert found == {str(program.pid)}


def test_a_fork_goes_on_although_it_looks_like_ourselves() -> None:
    before = processes()
    reader, writer = os.pipe()
    number = os.fork()
    if number == 0:
        os.read(reader, 1)
        os._exit(0)
    found = descendants(before)
    os.write(writer, b".")
    os.waitpid(number, 0)
    os.close(reader)
    os.close(writer)
    assert found == {str(number)}
