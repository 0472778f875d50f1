"""Replays real commits: by hand, by Gatekeeper cold and warm, by prek, by lefthook, and with pytest-testmon.

    python bench/replay.py CLONE [CLONE ...] [--commits 2] [--commit NAME=SHA ...] [--scratch DIR] [--json FILE]

Run it with the interpreter that has Gatekeeper. CLONE is a clone (or its Git folder) of a project that is listed in
`INSTALL` below, or of one that `pip install -e .` suffices for. Its newest commits that change Python files are taken,
those that change tests alone among them, the oldest first. Each commit is given the setting that selects tests, and
each way of doing its work finds the same state; *warm* is a run after one over the change before it, with what is known
from the commits that were measured earlier, and from a little history before the first of them. Prints Markdown: a
table of all commits, the medians, and what little changes cost. Linux only.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import clock
import project as projects
import replay_ways as ways
from contenders import Done
from figures import table
from project import Project
from replay_ways import WAYS, Place

# What the tests of each project need today, beside the project itself.
INSTALL = {
    "attrs": "-e . cloudpickle hypothesis pympler pytest-xdist[psutil]",
    "click": "-e .",
    "flask": "-e . asgiref greenlet python-dotenv pytest<9 werkzeug==3.1.3",
    "itsdangerous": "-e . freezegun",
    "jinja": "-e . trio",
    "marshmallow": "-e .[tests] pytz",
    "networkx": "-e .[default,test]",
    "packaging": "-e . hypothesis pretend tomli_w",
    "rich": "-e . attrs pygments==2.19.2 markdown-it-py==3.0.0",
}

LITTLE = {"again": "the same tree again", "text": "a text file is new", "edited": "the README is another"}


@dataclass(frozen=True, slots=True)
class Replayed:
    """A commit with what was done in each way, and what was done for each of the `LITTLE` changes after that."""

    name: str
    sha: str
    done: Mapping[str, Done]
    little: Mapping[str, Done]

    def seconds(self, way: str, field: str) -> float:
        """The seconds (`wall` or `cpu`) of a way."""
        return float(getattr(self.done[way].cost, field))

    def ratio(self, way: str, field: str) -> float:
        """A way's seconds in relation to those by hand."""
        return self.seconds(way, field) / self.seconds("serial", field)


def main() -> int:
    """Measure and print; 2 where nothing could be measured."""
    options = _options()
    before = clock.load()
    found: list[Replayed] = []
    scratch = Path(options.scratch).absolute()
    try:
        programs = Path(options.runners) if options.runners else projects.runners(scratch)
        for clone in options.clones:
            for one in _replay(_project(Path(clone), scratch, options), programs, options):
                found.append(one)  # noqa: PERF402 - an interrupt leaves what was measured
    except (projects.Unusable, KeyboardInterrupt) as trouble:
        _tell(str(trouble) or "interrupted: this is what was measured so far")
    if not found:
        return 2
    costs = [done.cost for one in found for done in one.done.values()]
    sys.stdout.write(_document(found, clock.noise(before, costs)))
    if options.json:
        Path(options.json).write_text(json.dumps([_figures(one) for one in found], indent=1) + "\n", "utf-8")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", nargs="+", metavar="CLONE", help="a clone of a project; it is only read")
    parser.add_argument("--commits", type=int, default=2, metavar="N", help="the newest N (default: 2)")
    parser.add_argument("--commit", action="append", default=[], metavar="NAME=SHA", help="this one (repeatable)")
    parser.add_argument("--history", type=int, default=3, metavar="N", help="changes before the first (default: 3)")
    parser.add_argument("--way", action="append", choices=WAYS, help="beside `serial`: this one (default: all)")
    parser.add_argument("--python", default="python3.12", metavar="PATH", help="of the environments (default: 3.12)")
    parser.add_argument("--runners", default="", metavar="BIN", help="where prek and lefthook are (default: installed)")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-replay", metavar="DIR", help="default: %(default)s")
    parser.add_argument("--json", default="", metavar="FILE", help="write the figures to FILE")
    return parser.parse_args()


def _name(clone: Path) -> str:
    """The name of a project by the folder of its clone, or, as mirrors have it, by that around its `repo`."""
    place = clone.resolve()
    return (place.parent if place.name == "repo" else place).name.removesuffix(".git").split("+")[-1]


def _project(clone: Path, scratch: Path, options: argparse.Namespace) -> Project:
    name = _name(clone)
    if not clone.exists():
        raise projects.Unusable(f"{clone} is no clone")
    return projects.prepare(clone, scratch, f"{INSTALL.get(name, '-e .')} pytest-testmon", options.python, name)


def _replay(project: Project, programs: Path, options: argparse.Namespace) -> Iterator[Replayed]:
    """The wanted commits of a project, but for those that do not pass, or cannot be looked at, with today's tools."""
    named = [text.partition("=")[2] for text in options.commit if text.partition("=")[0] == project.name]
    start = project.git("rev-parse", "origin/HEAD").strip()
    recent = [commit.sha for commit in projects.recent_commits(project, start, of_tests=True)]
    ways.forget(project)
    try:
        yield from _each(project, named or recent[: options.commits][::-1], programs, options)
    finally:
        ways.stop_servers(project)


def _each(project: Project, shas: Sequence[str], programs: Path, options: argparse.Namespace) -> Iterator[Replayed]:
    """These commits, the oldest first; the pylint that waits goes on waiting from one to the next."""
    for sha in shas:
        place = ways.place_of(project, sha, programs, options.history if sha == shas[0] else 1)
        ways.prepare(place, "serial")
        tried = ways.run(place, "serial")
        if tried.steps["pytest"].exit_code:
            last = (tried.steps["pytest"].output.strip().splitlines() or ["no output"])[-1]
            _tell(f"{project.name} {sha[:10]}: left out, its tests do not pass in this environment ({last[:100]})")
            continue
        try:
            yield _measured(project, sha, tried, place, options)
        except projects.Unusable as trouble:
            _tell(f"{project.name} {sha[:10]}: left out: {trouble}")


def _measured(project: Project, sha: str, tried: Done, place: Place, options: argparse.Namespace) -> Replayed:
    """All ways at one commit; the work by hand was `tried` already."""
    asked = options.way or WAYS
    found: dict[str, Done] = {}
    # the last one leaves the state that is needed below
    for way in ("serial", *(way for way in WAYS[1:] if way in asked and way != "warm"), "warm"):
        if way != "serial":
            ways.prepare(place, way)
        found[way] = done = tried if way == "serial" else ways.run(place, way)
        _tell(f"{project.name} {sha[:10]} {way}: {done.cost.wall:.2f} s, CPU {done.cost.cpu:.2f} s")
    little = {}
    for kind, further in (("again", place), ("text", ways.with_text(place)), ("edited", ways.with_edit(place))):
        if further is not None:
            little[kind] = ways.gatekeeper(further, further.work.commit.parent, further.work.commit.sha)
    return Replayed(project.name, sha, found, little)


def _document(found: Sequence[Replayed], noise: str) -> str:
    """All that is printed, as Markdown."""
    there = [way for way in WAYS if all(way in one.done for one in found)]
    others = there[1:]
    head = ["commit", "by hand s", *(f"{way} s" for way in others), *(f"{way} / by hand" for way in others)]
    parts = [f"Measured: {noise}.", "", "Wall seconds:", "", table(head, _rows(found, there, "wall"))]
    parts += ["", "CPU seconds:", "", table(head, _rows(found, there, "cpu"))]
    parts += ["", table(["Gatekeeper", "wall s", "CPU s", "its own CPU s", "its own memory MB"], _own(found)), ""]
    return "\n".join(parts)


def _rows(found: Sequence[Replayed], there: Sequence[str], field: str) -> list[list[str]]:
    rows = [
        [f"{one.name} `{one.sha[:10]}`"]
        + [f"{one.seconds(way, field):.2f}" for way in there]
        + [f"{one.ratio(way, field):.2f}" for way in there[1:]]
        for one in found
    ]
    for word, of in (("median", median), ("largest", max)):
        ratios = [f"{of([one.ratio(way, field) for one in found]):.2f}" for way in there[1:]]
        rows.append([word, *("" for _ in there), *ratios])
    return rows


def _own(found: Sequence[Replayed]) -> list[list[str]]:
    """What the runner itself costs beside the tools, in medians; of memory the largest."""
    kinds: list[tuple[str, list[Done]]] = [
        (way, [one.done[way] for one in found if way in one.done]) for way in ("cold", "warm")
    ]
    kinds += [(words, [one.little[kind] for one in found if kind in one.little]) for kind, words in LITTLE.items()]
    return [
        [
            kind,
            _middle(d.cost.wall for d in done),
            _middle(d.cost.cpu for d in done),
            _middle(map(own_seconds, done)),
            f"{max(d.cost.peak_mb for d in done):.0f}",
        ]
        for kind, done in kinds
        if done
    ]


def own_seconds(done: Done) -> float:
    """The CPU seconds of a run of Gatekeeper that no job of it took: its own, and those of the Git that it asks."""
    return max(0.0, done.cost.cpu - sum(job["cpu_seconds"] or 0.0 for job in done.report["plan"]["jobs"]))


def _middle(figures: Iterable[float]) -> str:
    return f"{median(figures):.2f}"


def _figures(one: Replayed) -> dict[str, Any]:
    ways_there = {way: _cost(done) for way, done in one.done.items()}
    little = {kind: _cost(done) for kind, done in one.little.items()}
    return {"name": one.name, "commit": one.sha, "ways": ways_there, **little}


def _cost(done: Done) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: getattr(done.cost, name) for name in ("wall", "cpu", "exit_code", "peak_mb", "others")
    }
    if done.report:
        told["jobs"] = {job["id"]: [job["seconds"], job["cpu_seconds"]] for job in done.report["plan"]["jobs"]}
        told["own"] = own_seconds(done)
    told["steps"] = {name: [cost.wall, cost.cpu] for name, cost in done.steps.items()}
    return told


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
