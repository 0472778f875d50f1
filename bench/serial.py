"""Compares `gatekeeper run` with the same four tools by hand, with prek and with lefthook, on real commits in one run.

    python bench/serial.py REPOSITORY [--install "-e . pytest"] [--commits N | --commit SHA ...] [--runs 3]

Run it with the interpreter that has Gatekeeper. Everything is made in the scratch folder: a clone, an environment for
it, an environment for prek and lefthook, and Gatekeeper's cache. Every round does the same work in every way, on the
same commit, in an order that changes; ratios are taken within a round.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import clock
import contenders
import project as projects
from contenders import Done, Work
from figures import Spread, bound, ratios, rotated, spread, table
from project import Commit, Project
from verdicts import Agreement, compare

_PYTHON_HELP = "make the environment with it; without --install: an environment that holds everything already"
_PATIENCE_HELP = "wait so long, in all, for a quiet machine, and do disturbed runs again meanwhile (default: 0)"
_OTHERS = ("serial", "bound", "prek", "lefthook")


@dataclass(frozen=True, slots=True)
class Measured:
    """All rounds of one commit: what each contender cost, the bound of each round, and the verdicts."""

    commit: Commit
    rounds: dict[str, list[Done]]
    bounds: list[float]
    agreements: list[Agreement]

    def walls(self, name: str) -> list[float]:
        """The wall seconds of a contender, or of the bound, round by round."""
        return self.bounds if name == "bound" else [done.cost.wall for done in self.rounds[name]]

    def against(self, name: str) -> Spread:
        """Gatekeeper's wall seconds in relation to those of another."""
        return ratios(self.walls("gatekeeper"), self.walls(name))

    def own_bound(self) -> Spread:
        """Gatekeeper's wall seconds in relation to the bound of the jobs that it ran itself, which are more."""
        done = self.rounds["gatekeeper"]
        return spread([one.cost.wall / one.report["metrics"]["bound"] for one in done])


def main() -> int:
    """Measure and print; the exit code is 0 if there was anything to measure."""
    options = _options()
    scratch = Path(options.scratch).absolute()
    before = clock.load()
    try:
        project = projects.prepare(Path(options.repository), scratch, options.install, options.python)
        programs = projects.runners(scratch)
        cache = project.scratch / "cache"
        shutil.rmtree(cache, ignore_errors=True)
        works = _works(project, programs, options)
        first = _first_run(works[0], cache)
        patience = clock.Patience(options.patience)
        measured = [_measure(work, cache, options.runs, patience) for work in works]
    except projects.Unusable as trouble:
        sys.stderr.write(f"bench: {trouble}\n")
        return 2
    noise = clock.noise(before, [done.cost for one in measured for each in one.rounds.values() for done in each])
    _show(project, measured, first, noise)
    if options.json:
        Path(options.json).write_text(json.dumps(_document(project, measured, first, noise), indent=1) + "\n")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("repository", help="a clone of the project; it is only read")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--commits", type=int, default=3, metavar="N", help="the newest N that pass (default: 3)")
    which.add_argument("--commit", action="append", default=[], metavar="SHA", help="this commit (may be repeated)")
    parser.add_argument(
        "--start", default="HEAD", metavar="REF", help="where to begin to look for them (default: HEAD)"
    )
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="rounds for each commit (default: 3)")
    parser.add_argument("--scratch", default="/tmp/gatekeeper-bench", metavar="DIR", help="default: %(default)s")
    parser.add_argument("--install", default="", metavar="WORDS", help="what pip installs (default: -e .)")
    parser.add_argument("--python", default="", metavar="PATH", help=_PYTHON_HELP)
    parser.add_argument("--patience", type=float, default=0, metavar="SECONDS", help=_PATIENCE_HELP)
    parser.add_argument("--json", default="", metavar="FILE", help="write every figure to FILE")
    return parser.parse_args()


def _works(project: Project, programs: Path, options: argparse.Namespace) -> list[Work]:
    """The commits to measure: each is done once by hand, unmeasured, which also warms what a user has warm."""
    repository = Path(options.repository)
    chosen = projects.named_commits(project, repository, options.commit)
    if not chosen:
        start = projects.told(["git", "-C", str(repository), "rev-parse", f"{options.start}^{{commit}}"]).strip()
        chosen = projects.recent_commits(project, start)
    wanted = len(options.commit) or options.commits
    works: list[Work] = []
    for commit in chosen:
        work, problem = _tried(project, commit, programs)
        if not problem:
            works.append(work)
        _tell(f"{commit.sha[:10]}: {problem or 'its tests pass'}")
        if len(works) == wanted:
            break
    if not works:
        raise projects.Unusable("no commit could be measured")
    return works


def _tried(project: Project, commit: Commit, programs: Path) -> tuple[Work, str]:
    work = contenders.work_of(project, commit, programs, combine=False)
    if not commit.sources:
        return work, "left out, it changes no source file"
    projects.check_out(project, commit.sha, commit.changed)
    cost = clock.timed(work.chains[1][0].argv, project.folder, project.environment())
    if cost.exit_code:
        last = (cost.output.strip().splitlines() or ["no output"])[-1]
        return work, f"left out, its tests do not pass in this environment ({last[:100]})"
    combine = not (project.folder / ".coverage").exists()
    return contenders.work_of(project, commit, programs, combine), ""


def _first_run(work: Work, cache: Path) -> float:
    """The wall seconds of the very first run, with an empty cache folder: both trees are laid out from nothing."""
    contenders.prepare(work, "gatekeeper", cache)
    return contenders.run(work, "gatekeeper", cache).cost.wall


def _measure(work: Work, cache: Path, runs: int, patience: clock.Patience) -> Measured:
    rounds: dict[str, list[Done]] = {name: [] for name in contenders.NAMES}
    for turn in range(runs):
        for name in rotated(contenders.NAMES, turn):
            rounds[name].append(_once(work, name, cache, patience))
            cost = rounds[name][-1].cost
            _tell(f"{work.commit.sha[:10]} round {turn + 1} {name}: {cost.wall:.2f} s, CPU {cost.cpu:.2f} s")
    _same_work(work, rounds)
    bounds = [
        bound([sum(done.steps[s.name].wall for s in chain) for chain in work.chains], done.cost.cpu, clock.cores())
        for done in rounds["serial"]
    ]
    agreements = compare(rounds["serial"][-1].steps, rounds["gatekeeper"][-1].report)
    return Measured(work.commit, rounds, bounds, agreements)


def _once(work: Work, name: str, cache: Path, patience: clock.Patience) -> Done:
    """One run that counts; one that was disturbed is done again while there is patience."""
    while True:
        patience.wait()
        contenders.prepare(work, name, cache)
        done = contenders.run(work, name, cache)
        if patience.accepts(done.cost):
            return done


def _same_work(work: Work, rounds: Mapping[str, list[Done]]) -> None:
    """A runner that did nothing would be fast: all have to come to the same end as the work by hand."""
    fails = [done.cost.exit_code != 0 for done in rounds["serial"]]
    for name in ("prek", "lefthook"):
        theirs = [done.cost.exit_code != 0 for done in rounds[name]]
        if theirs != fails:
            last = rounds[name][-1].cost.output[-1500:]
            _tell(f"{work.commit.sha[:10]}: {name} came to another end than the work by hand\n{last}")


def _show(project: Project, measured: list[Measured], first: float, noise: str) -> None:
    rows = [_row(one) for one in measured]
    head = ["commit", "serial s", "bound s", "gatekeeper s", "CPU s, by hand", "CPU s, ours", "peak MB"]
    head += [f"/ {name}" for name in _OTHERS] + ["/ own bound"]
    lines = [
        f"{project.name}: {noise}",
        f"very first run with an empty cache: {first:.2f} s",
        "",
        table(head, rows),
        "",
    ]
    lines.append("all commits: " + ", ".join(f"/ {name} {_overall(measured, name).text()}" for name in _OTHERS))
    lines += ["", "verdicts that differ:"]
    differing = [(one.commit.sha[:10], a) for one in measured for a in one.agreements if not a.agrees]
    lines += [f"  {sha} {a.gate}: by hand {a.by_hand}, gatekeeper {a.ours}: {a.reason}" for sha, a in differing]
    total = sum(len(one.agreements) for one in measured)
    sys.stdout.write("\n".join([*lines, f"  {total - len(differing)} of {total} agree"]) + "\n")


def _row(one: Measured) -> list[str]:
    ours = one.rounds["gatekeeper"]
    return [
        one.commit.sha[:10],
        spread(one.walls("serial")).text(),
        spread(one.bounds).text(),
        spread(one.walls("gatekeeper")).text(),
        spread([done.cost.cpu for done in one.rounds["serial"]]).text(),
        spread([done.cost.cpu for done in ours]).text(),
        f"{max(done.cost.peak_mb for done in ours):.0f}",
        *(one.against(name).text() for name in _OTHERS),
        one.own_bound().text(),
    ]


def _overall(measured: list[Measured], name: str) -> Spread:
    """All rounds of all commits together."""
    ours = [wall for one in measured for wall in one.walls("gatekeeper")]
    return ratios(ours, [wall for one in measured for wall in one.walls(name)])


def _document(project: Project, measured: list[Measured], first: float, noise: str) -> dict[str, Any]:
    return {
        "repository": project.name,
        "cores": clock.cores(),
        "noise": noise,
        "first_run_seconds": first,
        "overall": {name: asdict(_overall(measured, name)) for name in _OTHERS},
        "commits": [_commit_document(one) for one in measured],
    }


def _commit_document(one: Measured) -> dict[str, Any]:
    return {
        "commit": one.commit.sha,
        "bound_seconds": one.bounds,
        "rounds": {name: [_done_document(done) for done in done_list] for name, done_list in one.rounds.items()},
        "agreements": [agreement.document() for agreement in one.agreements],
    }


def _done_document(done: Done) -> dict[str, Any]:
    document: dict[str, Any] = _cost_document(done.cost)
    document["steps"] = {name: _cost_document(cost) for name, cost in done.steps.items()}
    if done.report:
        document |= {"seconds": done.report["seconds"], "metrics": done.report["metrics"]}
        jobs = done.report["plan"]["jobs"]
        document["jobs"] = {job["id"]: {k: job[k] for k in ("started", "seconds", "cpu_seconds")} for job in jobs}
    return document


def _cost_document(cost: clock.Cost) -> dict[str, Any]:
    return {name: getattr(cost, name) for name in ("wall", "cpu", "exit_code", "peak_mb", "others")}


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
