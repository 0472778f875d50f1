"""Makes one table of the figures that `serial.py --json` wrote for several repositories.

Only rounds count in which others left the machine alone (below a tenth of the cores) during all four runs, where there
are any; the last column tells how many these are.

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

_QUIET = 0.1
_HEAD = ["repository (commits)", "serial s", "bound s", "gatekeeper s", "prek s", "lefthook s", "CPU s by hand"]
_HEAD += ["CPU s gatekeeper", "/ serial", "/ bound", "/ prek", "/ lefthook", "peak MB", "first run s", "quiet rounds"]


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
    every = [one for commit in document["commits"] for one in _rounds(commit)]
    quiet = [one for one in every if one["others"] < _QUIET]
    chosen = quiet or every
    ours = [one["gatekeeper"]["wall"] for one in chosen]
    walls = {name: [one[name]["wall"] for one in chosen] for name in ("serial", "bound", "prek", "lefthook")}
    return [
        f"{document['repository']} ({len(document['commits'])})",
        *(_middle(figures) for figures in (walls["serial"], walls["bound"], ours, walls["prek"], walls["lefthook"])),
        *(_middle(one[name]["cpu"] for one in chosen) for name in ("serial", "gatekeeper")),
        *(ratios(ours, walls[name]).text() for name in ("serial", "bound", "prek", "lefthook")),
        f"{max(one['gatekeeper']['peak_mb'] for one in chosen):.0f}",
        f"{document['first_run_seconds']:.1f}",
        f"{len(quiet)} of {len(every)}",
    ]


def _rounds(commit: dict[str, Any]) -> list[dict[str, Any]]:
    """The rounds of a commit: what each contender cost, the bound, and the worst share that others had."""
    rounds = []
    for number, seconds in enumerate(commit["bound_seconds"]):
        runs = {name: runs[number] for name, runs in commit["rounds"].items()}
        worst = max(run["others"] for run in runs.values())
        rounds.append({**runs, "bound": {"wall": seconds}, "others": worst})
    return rounds


def _middle(figures: Iterable[float]) -> str:
    return f"{spread(list(figures)).middle:.1f}"


if __name__ == "__main__":
    sys.exit(main())
