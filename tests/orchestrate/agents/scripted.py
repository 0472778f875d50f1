"""An agent that follows a script: the entries whose words stand in its prompt tell what it does, in their order.

Started as `scripted.py SCRIPT PROMPT_FILE`. The script is a list of entries: `when` (words that the prompt holds, all of
them) and `unless`; `write` (texts by path), `append`, `delete`, `say`, `sleep` in seconds, `until` (a file to wait
for), `exit`. The first entry that fits is followed, or else nothing is done.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path


def main(script: str, prompt_file: str) -> int:
    """Follow the script in the current folder."""
    prompt = Path(prompt_file).read_text("utf-8")
    for entry in json.loads(Path(script).read_text("utf-8")):
        if all(word in prompt for word in entry.get("when", [])) and not any(
            word in prompt for word in entry.get("unless", [])
        ):
            return follow(entry)
    return 0


def follow(entry: dict) -> int:
    """Do what an entry says."""
    for words in entry.get("say", ["at work"]):
        print(words, flush=True)
    for path, text in entry.get("write", {}).items():
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(text, "utf-8")
    for path, text in entry.get("append", {}).items():
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)
    for path in entry.get("delete", []):
        Path(path).unlink()
    time.sleep(entry.get("sleep", 0))
    while entry.get("until") and not Path(entry["until"]).exists():
        time.sleep(0.05)
    return entry.get("exit", 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
