"""An agent that works in small steps, tells a journal of each line that it has written, and leaves a grandchild.

Started as `slow.py PLACE PROMPT_FILE`. It goes slowly until there is a file `go` in PLACE. Each line that it has
written is in the journal only afterwards: what the journal counts must be found again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from hostile import LONG, work

STEPS = 15


def main(place: Path, prompt: str) -> int:
    """Write line by line, and at last what was asked for."""
    lane = Path("src/shop") if "that you may change>\nsrc/" in prompt else Path("docs")
    lines, journal = lane / f"log-{os.getpid()}.txt", place / "journal"
    journal.mkdir(exist_ok=True)
    apart = f"import time; time.sleep({LONG})"
    subprocess.Popen([sys.executable, "-c", apart, str(place)], start_new_session=True, env={})
    for number in range(STEPS):
        with lines.open("a", encoding="utf-8") as file:
            file.write(f"line {number}\n")
        draft = journal / f".{lines.name}"
        draft.write_text(f"{lines} {number + 1}", "utf-8")
        draft.replace(journal / lines.name)
        print(f"line {number}", flush=True)
        time.sleep(0 if (place / "go").exists() else 0.05)
    if lane.name == "shop":
        work()
    else:
        Path("docs/guide.md").write_text("# Guide\n\nMore.\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]).read_text("utf-8")))
