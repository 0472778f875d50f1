"""What the tests do to a program without room stays with that program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.room import little_room


def test_a_program_without_room_leaves_no_half_bytecode(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text("".join(f"def f{number}(a):\n    return a\n" for number in range(100)))
    command = [sys.executable, "-c", "import large; print(open('file', 'w').write('x' * 10_000))"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, **little_room(1_000))
    assert (done.returncode, b"File too large" in done.stderr) == (1, True)
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout == b"10000\n"
