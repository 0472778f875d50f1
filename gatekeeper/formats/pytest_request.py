"""Builds the jobs that work in the project's own interpreter: running pytest, and reading what coverage measured."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.frozen import dataclass, replace
from gatekeeper.model.job import Job, Need
from gatekeeper.ports import Request

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

PYTEST = "tests.pytest"
"""The id of the job that runs the tests of the candidate; what coverage reads is measured while it runs."""

COMMAND = "tests.command"
"""The id of the job that runs the tests by a command of the project's own."""

PYTEST_CODES = frozenset(range(7))
"""pytest's documented exit codes. All of them are judged with the report in hand, so that the reason can be told."""


@dataclass(frozen=True, slots=True)
class PytestRun:
    """One run of pytest: which job it is, over which tree, and what of it.

    `tree` is the absolute folder of the whole tree, `measure` whether coverage is measured. `only` limits the run to
    these tests, named as pytest names them in relation to `rootdir`. `record` has the run write down what each test
    touches, and leave out those that the selection of the request names. `hurry` ends it at the first failure, with the
    files first whose tests are the likeliest to fail. `processes` is how many pytest-xdist spreads the tests over; with
    one it is not asked.
    """

    id: str
    gate: str
    label: str
    tree: str
    measure: bool = False
    only: tuple[str, ...] = ()
    rootdir: str = ""
    needs: tuple[Need, ...] = ()
    record: bool = False
    hurry: bool = False
    processes: int = 1


def may_select(request: Request) -> bool:
    """Whether this is about tests, run by pytest, of which those may be left out that the change cannot affect.

    Unless it is always wanted, not where it costs more than it saves: before Python 3.12 to record takes two or three
    times as long as the tests.
    """
    policy, when = request.policy, request.policy.value("select")
    is_cheap = not request.in_ci and request.environment.version >= (3, 12)
    wanted = when == "always" or (when == "local" and is_cheap)
    return wanted and policy.name == "tests" and not policy.command


def pytest_job(request: Request, run: PytestRun) -> Job:
    """The job of a run; its report is the file `report_path(request, run.id)`."""
    root = _join(run.tree, request.project.root)
    startup = f"{request.programs}/inside/startup"
    base = base_folder(request, run.tree)
    only = list(request.measured) if run.id == PYTEST and request.measured else None
    measure = {"data": data_folder(request, run.id), "root": root, "startup": startup, "base": base, "only": only}
    return _inside(
        request,
        Job(
            id=run.id,
            gate=run.gate,
            label=run.label,
            argv=(request.environment.python, f"{request.programs}/inside/run_tests.py"),
            cwd=root,
            seconds_limit=request.policy.seconds_limit,
            looked=PYTEST_CODES,
            env=environment_of(request, run.tree),
            needs=run.needs,
        ),
        {
            "tree": run.tree,
            "root": root,
            "import_roots": list(_import_roots(request, run.tree)),
            "packages": list(request.project.packages),
            "spread": [f"--numprocesses={run.processes}"] if run.processes > 1 else [],
            "args": [str(word) for word in request.policy.value("args", ())],
            "only": list(run.only),
            "rootdir": run.rootdir,
            "cache": f"{request.scratch}/{run.id}.cache",
            "measure": measure if run.measure else None,
            "base": {"tree": request.candidate.base_directory, "root": base} if base else None,
            **(_recording(request) if run.record else {}),
            **(_hurrying(request) if run.hurry else {}),
        },
    )


def _recording(request: Request) -> dict[str, Any]:
    """What the recorder of the tests goes by."""
    selection = request.selection
    if selection is None:
        return {}
    known = {"environment": dict(selection.environment), "untracked": dict(selection.untracked)}
    return {"record": {"trace": trace_path(request), "reuse": list(selection.reuse), **known}}


def _hurrying(request: Request) -> dict[str, Any]:
    """The order of the files; where nothing is known of the tests, the change alone decides."""
    known = request.selection.order if request.selection else None
    first, last = (known.first, known.last) if known else (changed_paths(request), ())
    return {"hurry": {"first": list(first), "last": list(last)}}


def changed_paths(request: Request) -> tuple[str, ...]:
    """The files that the change touches and that are still there; none where every file is judged."""
    return () if request.target.whole else tuple(file.path for file in request.change.files if file.exists)


@dataclass(frozen=True, slots=True)
class CoverageReading:
    """One reading of coverage data: which job it is, what measured, over which tree.

    `files` are the absolute paths of the files to report line by line; `total` asks for the share of the whole project.
    """

    id: str
    gate: str
    measured_by: str
    tree: str
    files: tuple[str, ...] = ()
    total: bool = False


def coverage_job(request: Request, reading: CoverageReading) -> Job:
    """The job of a reading; its report is the file `report_path(request, reading.id)`.

    It is a job of its own, since the tests' process is no place to trust or to lean on after the tests: a second
    interpreter that imports coverage costs 0.15 s.
    """
    root = _join(reading.tree, request.project.root)
    return _inside(
        request,
        Job(
            id=reading.id,
            gate=reading.gate,
            label="reading the coverage data",
            argv=(request.environment.python, f"{request.programs}/inside/report_coverage.py"),
            cwd=root,
            seconds_limit=request.policy.seconds_limit,
            env=environment_of(request, reading.tree),
            needs=(Need(reading.measured_by, f"reads the coverage data that {reading.measured_by} writes"),),
        ),
        {
            "data": data_folder(request, reading.measured_by),
            "root": root,
            "base": base_folder(request, reading.tree),
            "import_roots": list(_import_roots(request, reading.tree)),
            "files": list(reading.files),
            "total": reading.total,
            **(_remembering(request) if reading.total and reading.measured_by == PYTEST else {}),
        },
    )


def reads_the_tests(job: Job) -> bool:
    """Whether a job reads what the tests of the head measured, and nothing else."""
    return [need.job for need in job.needs] == [PYTEST]


def files_read(jobs: Iterable[Job]) -> tuple[str, ...] | None:
    """The files of which these jobs read what the tests measured; None where they ask for that of the whole project."""
    asked = [json.loads(job.stdin) for job in jobs if reads_the_tests(job)]
    if any(each["total"] for each in asked):
        return None
    return tuple(sorted({file for each in asked for file in each["files"]}))


def _remembering(request: Request) -> dict[str, Any]:
    """What the tests that may be left out cover, for the total."""
    covered = request.selection.covered if request.selection else None
    if covered is None:
        return {}
    by = {test: {path: sorted(places) for path, places in files.items()} for test, files in covered.by.items()}
    told = {"settings": covered.settings, "branches": covered.branches, "whole": covered.whole, "by": by}
    trace = {"trace": trace_path(request), "nonce": nonce_of(request, PYTEST)}
    return {"remembered": {**told, **trace, "tree": request.candidate.directory}}


def base_folder(request: Request, tree: str) -> str:
    """The project's folder in the base tree, where the tools go by the settings of the base; else empty.

    They do so in a range of commits: such a change does not choose its own judge.
    """
    is_range = request.target.kind is TargetKind.RANGE and request.change.base_tree not in ("", EMPTY_TREE)
    if not is_range or tree != request.candidate.directory:
        return ""
    return _join(request.candidate.base_directory, request.project.root)


def report_path(request: Request, job_id: str) -> str:
    """The absolute path of the report that a job of this module writes."""
    return f"{request.scratch}/{job_id}.json"


def trace_path(request: Request) -> str:
    """The absolute path of the file that tells what each test touched."""
    return f"{request.scratch}/{PYTEST}.touched.json"


def nonce_of(request: Request, job_id: str) -> str:
    """The word that the report of this run must carry: a report of another run has another one."""
    seed = "\0".join((request.scratch, request.candidate.directory, request.target.head_tree, job_id))
    return sha256(seed.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def data_folder(request: Request, job_id: str) -> str:
    """The absolute folder for the coverage data that a job measures."""
    return f"{request.scratch}/{job_id}.coverage"


def missing_tools(request: Request, *tools: str) -> tuple[str, str]:
    """Why the tests cannot be run in the project's environment, and what mends it; both empty if they can."""
    environment = request.environment
    if environment.problem:
        return environment.problem, "Name the interpreter of the project with `python:` in .gatekeeper.yml."
    missing = [tool for tool in tools if not environment.has(tool)]
    if not missing:
        return "", ""
    verb = "is" if len(missing) == 1 else "are"
    reason = f"{' and '.join(missing)} {verb} not installed in the project's environment ({environment.python})"
    return reason, f"Run: {_install(environment.python, environment.reason, ' '.join(missing))}"


def _install(python: str, reason: str, packages: str) -> str:
    """The command that installs packages, in the way of the tool that keeps the environment."""
    words = reason.lower()
    if "poetry" in words:
        return f"poetry add --group dev {packages}"
    if "hatch" in words:
        return f"hatch run pip install {packages}"
    if "uv" in words.replace("-", " ").split():
        return f"uv add --dev {packages}"
    return f"{python} -m pip install {packages}"


def _inside(request: Request, job: Job, wants: dict[str, Any]) -> Job:
    """The job with its request on standard input and its report among the outputs; or with the report itself."""
    report, nonce = report_path(request, job.id), nonce_of(request, job.id)
    text = json.dumps({"nonce": nonce, "report": report, **wants})
    known = request.selection.answers.get(job.id) if request.selection else None
    answer = json.dumps({"nonce": nonce, **known}) if known else ""
    return replace(job, stdin=text, outputs=(report,), answer=answer)


def environment_of(request: Request, tree: str) -> tuple[tuple[str, str], ...]:
    """What the interpreter must know to import from the tree, also in the processes that the tests start.

    In the user's own working tree nothing is written, so Python keeps its bytecode to itself there; and the examples
    that hypothesis remembers must not decide a verdict.
    """
    pairs = [
        ("PYTHONPATH", ":".join(_import_roots(request, tree))),
        ("HYPOTHESIS_STORAGE_DIRECTORY", f"{request.scratch}/hypothesis"),
    ]
    if request.candidate.in_place and tree == request.candidate.directory:
        pairs.append(("PYTHONDONTWRITEBYTECODE", "1"))
    return tuple(pairs)


def _import_roots(request: Request, tree: str) -> tuple[str, ...]:
    return tuple(_join(tree, root) for root in request.project.import_roots)


def _join(tree: str, path: str) -> str:
    return f"{tree}/{path}".rstrip("/")
