"""Makes one table of the figures that `serial.py --json` wrote for several repositories.

python bench/summary.py FILE.json ...
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from figures import ratios, spread, table

_HEAD = ["repository (commits)", "serial s", "bound s", "gatekeeper s", "prek s", "lefthook s", "CPU s by hand"]
_HEAD += ["CPU s gatekeeper", "/ serial", "/ bound", "/ prek", "/ lefthook", "peak MB", "first run s", "others"]


def main() -> int:
    """Print the table, the commits, and the verdicts that differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE.json", help="what serial.py wrote")
    documents = [json.loads(Path(name).read_text("utf-8")) for name in parser.parse_args().files]
    lines = [table(_HEAD, [_row(document) for document in documents]), ""]
    for document in documents:
        names = ", ".join(f"`{commit['commit'][:10]}`" for commit in document["commits"])
        lines.append(f"- {document['repository']}: {names}")
    every = [(commit, one) for document in documents for commit in document["commits"] for one in commit["agreements"]]
    differing = [(commit, one) for commit, one in every if not one["agrees"]]
    lines += ["", f"{len(every) - len(differing)} of {len(every)} verdicts agree; the others:"]
    for commit, one in differing:
        told = f"by hand {one['by_hand']}, gatekeeper {one['ours']}: {one['reason']}"
        lines.append(f"- `{commit['commit'][:10]}` {one['gate']}: {told}")
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _row(document: dict[str, Any]) -> list[str]:
    commits = document["commits"]
    names = ("serial", "gatekeeper", "prek", "lefthook")
    runs = {name: [run for commit in commits for run in commit["rounds"][name]] for name in names}
    walls = {name: [run["wall"] for run in runs[name]] for name in names}
    walls["bound"] = [seconds for commit in commits for seconds in commit["bound_seconds"]]
    ours = walls["gatekeeper"]
    every = [run for each in runs.values() for run in each]
    others = sum(run["others"] * run["wall"] for run in every) / sum(run["wall"] for run in every)
    return [
        f"{document['repository']} ({len(commits)})",
        *(_middle(walls[name]) for name in ("serial", "bound", "gatekeeper", "prek", "lefthook")),
        *(_middle(run["cpu"] for run in runs[name]) for name in ("serial", "gatekeeper")),
        *(ratios(ours, walls[name]).text() for name in ("serial", "bound", "prek", "lefthook")),
        f"{max(run['peak_mb'] for run in runs['gatekeeper']):.0f}",
        f"{document['first_run_seconds']:.1f}",
        f"{100 * others:.0f} %",
    ]


def _middle(figures: Iterable[float]) -> str:
    return f"{spread(list(figures)).middle:.1f}"


if __name__ == "__main__":
    sys.exit(main())
