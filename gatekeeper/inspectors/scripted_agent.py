"""A coding agent that follows a script: it reads its prompt, edits files in its folder, and says what it does.

Started as `scripted_agent.py SCRIPT PROMPT_FILE [SECONDS]` in the folder to work in. The script is a YAML list of
entries; of those whose words (`when`) all stand in the prompt the first is followed, step by step, SECONDS apart:
`say` (a line of progress), `write` and `append` (a path, with `text`), `replace` (a path, with `old` and `new`).
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path

import yaml


def main(script: str, prompt_file: str, seconds: str = "0") -> int:
    """Follow the script; 1 where a text that is to be replaced is not there."""
    prompt = Path(prompt_file).read_text("utf-8")
    entries = yaml.safe_load(Path(script).read_bytes())
    fitting = (entry for entry in entries if all(words in prompt for words in entry["when"]))
    for step in next(fitting, {"steps": [{"say": "there is nothing in my script for this"}]})["steps"]:
        if not _done(step):
            return 1
        time.sleep(float(seconds) if "say" in step else 0)
    return 0


def _done(step: Mapping[str, str]) -> bool:
    """Do one step; False where that is not possible, which is said."""
    if "say" in step:
        sys.stdout.write(f"{step['say']}\n")
        sys.stdout.flush()
        return True
    path = Path(next(step[action] for action in ("write", "append", "replace") if action in step))
    before = path.read_text("utf-8") if path.exists() else ""
    if "replace" in step and step["old"] not in before:
        sys.stderr.write(f"the text to replace is not in {path}\n")
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    if "replace" in step:
        path.write_text(before.replace(step["old"], step["new"], 1), "utf-8")
    else:
        path.write_text(before * ("append" in step) + step["text"], "utf-8")
    return True


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
