"""Plans the work of the review: one run of pylint over both trees, and ruff over both trees."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

from gatekeeper.formats.basis import basis_of
from gatekeeper.gates.review.profile import ALWAYS_OFF, PROFILE_OFF
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.change import FileChange, Role
from gatekeeper.model.frozen import replace
from gatekeeper.model.job import Job, Memory
from gatekeeper.ports import Request

LINT = "review.lint"
SECURITY = "review.security"
RUFF_RULES = "S,B,ASYNC,PERF"
_RUFF_VERSIONS = range(7, 15)
_MOST_BYTES = 500_000  # of arguments in one call; the system ends at 2 MB
_OLDEST_PYLINT = 3


def head_paths(files: Sequence[FileChange]) -> tuple[str, ...]:
    """The paths, in the repository, of the head files in the order of the jobs."""
    return tuple(file.path for file in files)


def base_paths(request: Request, files: Sequence[FileChange]) -> tuple[str, ...]:
    """The paths of their forerunners in the base tree; none when whole files are judged."""
    if request.target.whole:
        return ()
    pairs = ((file.base_path, file.old_mode) for file in files)
    return tuple(path for path, mode in pairs if path and path.endswith(".py") and mode.startswith("100"))


def plan(request: Request, files: Sequence[FileChange]) -> tuple[Job, ...]:
    """The jobs that look at these Python files."""
    return (_lint(request, files), *_security(request, files)) if files else ()


def uses_own_pylint(request: Request) -> bool:
    """Whether pylint comes from Gatekeeper's interpreter, since the project's has none, or one that is too old."""
    version = request.environment.tools.get("pylint", "")
    major = version.partition(".")[0]
    return not (request.environment.has("pylint") and (not major.isdigit() or int(major) >= _OLDEST_PYLINT))


def judged_by_base(request: Request) -> bool:
    """Whether pylint's options are those of the base tree: a range of commits does not choose its own judge."""
    return request.target.kind is TargetKind.RANGE and request.target.has_base


def answer_path(request: Request) -> str:
    """The file into which `inside/lint.py` writes."""
    return f"{request.scratch}/review.lint.json"


def said_path(request: Request, job: str) -> str:
    """The file into which ruff writes what it found: thousands of lines, of no use among what a job printed."""
    return f"{request.scratch}/{job}.json"


def _lint(request: Request, files: Sequence[FileChange]) -> Job:
    paths = {"head": head_paths(files), "base": base_paths(request, files)}
    memories = {name: _memory(request, name, looked_at) for name, looked_at in paths.items() if looked_at}
    known = {name: {"known": memory.known, "made": memory.made} for name, memory in memories.items()}
    told = [side(request, name, paths[name]) for name in memories]
    told[0]["surveyed"] = _surveyed(request, files)
    sides = [{**one, **known[name]} for name, one in zip(memories, told, strict=True)]
    question = ground(request)
    asked = {
        **question,
        "output": answer_path(request),
        "sides": sides,
        "warm": request.warm,
        "seconds": request.policy.seconds_limit,
        "elsewhere": f"{answer_path(request)}.cpu",
    }
    job = pylint_job(request, LINT, "lint.py", f"pylint on {_count(len(files))}", asked)
    basis = basis_of(request, json.dumps([question, told]))
    return replace(job, memories=tuple(memories.values()), elsewhere=f"{answer_path(request)}.cpu", basis=basis)


def ground(request: Request) -> dict[str, object]:
    """What every program that runs pylint is told of the project and of the policy."""
    tree = request.candidate.base_directory if judged_by_base(request) else request.candidate.directory
    return {
        "tree": request.candidate.directory,
        "packages": list(request.project.packages),
        "borrowed_path": list(request.environment.search_path) if uses_own_pylint(request) else [],
        "config_roots": list(dict.fromkeys(f"{tree}/{root}".rstrip("/") for root in (request.project.root, ""))),
        "always_off": list(ALWAYS_OFF),
        "profile_off": list(PROFILE_OFF),
        "ignore": list(ignored(request)),
    }


def pylint_job(request: Request, name: str, program: str, label: str, asked: Mapping[str, object]) -> Job:
    """The job that runs one of the programs in `inside/`, which writes its answer into the file `output`."""
    python = request.own_python if uses_own_pylint(request) else request.environment.python
    return Job(
        id=name,
        gate=request.policy.name,
        label=label,
        argv=(python, f"{request.programs}/inside/{program}"),
        cwd=request.root,
        seconds_limit=request.policy.seconds_limit,
        env=(("PYLINTHOME", f"{request.scratch}/{name}.pylint"), ("PYTHONHASHSEED", "0")),
        stdin=json.dumps(asked),
        outputs=(str(asked["output"]),),
    )


def _memory(request: Request, name: str, paths: Sequence[str]) -> Memory:
    """Where pylint's answer to the same question is kept, whichever side it was asked of."""
    question = json.dumps([LINT, request.project.root, request.project.import_roots, list(paths)])
    place = f"{answer_path(request)}.{name}"
    return Memory(sha256(question.encode()).hexdigest(), f"{place}.known", f"{place}.made")


def side(request: Request, name: str, paths: Sequence[str]) -> dict[str, object]:
    """One of the two trees, `head` or `base`, and the files to look at in it."""
    candidate, target = request.candidate, request.target
    tree = candidate.directory if name == "head" else candidate.base_directory
    return {
        "name": name,
        "tree": tree,
        "tree_id": target.head_tree if name == "head" else target.base_tree,
        "root": f"{tree}/{request.project.root}".rstrip("/"),
        "roots": [f"{tree}/{root}".rstrip("/") for root in request.project.import_roots],
        "files": [f"{tree}/{path}" for path in paths],
    }


def _surveyed(request: Request, files: Sequence[FileChange]) -> list[str]:
    """The files whose imports tell whether the environment is whole: `docs/conf.py` needs what tests do without."""
    code = [file for file in files if file.role in (Role.SOURCE, Role.TEST)]
    return [f"{request.candidate.directory}/{path}" for path in head_paths(code or files)]


def _security(request: Request, files: Sequence[FileChange]) -> tuple[Job, ...]:
    candidate = request.candidate
    paths = [f"{candidate.directory}/{path}" for path in head_paths(files)]
    paths += [f"{candidate.base_directory}/{path}" for path in base_paths(request, files)]
    options = ("check", "--isolated", "--no-cache", "--output-format", "json", "--exit-zero", "--select", RUFF_RULES)
    minor = request.environment.version[1] if request.environment.version[:1] == (3,) else 0
    target = ("--target-version", f"py3{minor}") if minor in _RUFF_VERSIONS else ()
    parts = {SECURITY if index == 0 else f"{SECURITY}.{index + 1}": part for index, part in enumerate(_parts(paths))}
    return tuple(
        Job(
            id=name,
            gate=request.policy.name,
            label=f"ruff {RUFF_RULES} on {_count(len(part))}",
            argv=(request.ruff, *options, *target, "--output-file", said_path(request, name), "--", *part),
            cwd=request.root,
            seconds_limit=request.policy.seconds_limit,
            outputs=(said_path(request, name),),
            basis=basis_of(request, json.dumps([*options, *target, *part])),
        )
        for name, part in parts.items()
    )


def ignored(request: Request) -> tuple[str, ...]:
    """The rules, by symbol or id, that the policy drops."""
    return tuple(map(str, request.policy.value("ignore", ()) or ()))


def _parts(paths: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    size = 0
    for path in paths:
        size += len(path.encode("utf-8", "surrogatepass")) + 9
        if size > _MOST_BYTES and parts[-1]:
            parts.append([])
            size = 0
        parts[-1].append(path)
    return parts


def _count(number: int) -> str:
    return f"{number} file" if number == 1 else f"{number} files"
