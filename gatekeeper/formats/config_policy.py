"""Makes the policy of a run from its configuration files, and checks what only the whole can show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from gatekeeper.formats.config_errors import Problem, dotted, listed, meant, nearest
from gatekeeper.formats.config_layers import ConfigFile, Layers
from gatekeeper.formats.config_schema import misfit
from gatekeeper.model.defaults import GATES, OPTIONAL_GATES
from gatekeeper.model.policy import DEFAULTS_ALONE, GatePolicy, Policy, ProjectPolicy, Setting


def build_policy(
    files: Sequence[ConfigFile], overrides: Mapping[str, Setting], folders: Sequence[str], source: str
) -> tuple[Policy, list[Problem]]:
    """The policy of all projects, the root of the repository first, and what is wrong with it.

    `overrides` are values of flags and the environment by dotted key (`gates.tests.retries`); `folders` are those of
    the tree, in which the patterns of `projects` are looked up.
    """
    problems: list[Problem] = []
    ordered = sorted(files, key=lambda file: (file.root.count("/") + bool(file.root), file.root))
    patterns = next((file.data.get("projects") or () for file in ordered if not file.root), ())
    named, notes = _find_projects(patterns, folders)
    projects = []
    sound = {key: setting for key, setting in overrides.items() if not _misfit(key, setting)}
    for root in sorted({"", *named, *(file.root for file in files)}):
        layers = Layers(root)
        for file in ordered:
            if _is_above(file.root, root):
                layers.lay_file(file)
        for key, setting in sound.items():
            layers.lay_override(key.split("."), setting)
        projects.append(layers.policy())
        problems += _project_problems(projects[-1], layers)
    problems += _homeless(sound, projects)
    return Policy(tuple(projects), _source(ordered, source), tuple(notes)), list(dict.fromkeys(problems))


def _is_above(folder: str, root: str) -> bool:
    return not folder or folder == root or root.startswith(folder + "/")


def _source(files: Sequence[ConfigFile], source: str) -> str:
    if not files:
        return DEFAULTS_ALONE
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{files[0].origin_of(()).rpartition(':')[0]}{more} in {source}"


def _find_projects(patterns: Iterable[Any], folders: Sequence[str]) -> tuple[set[str], list[str]]:
    """The folders that the patterns name, and a note for each pattern that names none."""
    found: set[str] = set()
    notes = []
    for pattern in patterns:
        wanted = [part for part in str(pattern).split("/") if part not in ("", ".")]
        hits = {folder for folder in folders if folder and _fits(folder.split("/"), wanted)}
        if not hits:
            notes.append(f"`projects`: no folder matches `{pattern}`")
        found |= hits
    return found, notes


def _fits(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether a whole path fits a pattern whose `*` stays within a name and whose `**` does not."""
    reached = {0}
    for want in wanted:
        if want == "**":
            reached = set(range(min(reached), len(parts) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(parts) and fnmatchcase(parts[at], want)}
    return len(parts) in reached


def override_problems(overrides: Mapping[str, Setting]) -> Iterator[Problem]:
    """The values of flags and the environment that no file could hold either."""
    for key, setting in overrides.items():
        if trouble := _misfit(key, setting):
            yield Problem(setting.origin, None, trouble)


def _misfit(key: str, setting: Setting) -> str:
    return misfit(setting.value, tuple(key.split(".")))


def _homeless(overrides: Mapping[str, Setting], projects: Sequence[ProjectPolicy]) -> Iterator[Problem]:
    """Flags that mean a gate which no project has."""
    names = dict.fromkeys(gate.name for project in projects for gate in project.gates)
    for key, setting in overrides.items():
        place = key.split(".")
        if place[0] == "gates" and place[1] not in names:
            yield Problem(setting.origin, None, f"there is no gate `{place[1]}`; {meant(place[1], names)}")


def _project_problems(project: ProjectPolicy, layers: Layers) -> Iterator[Problem]:
    names = [gate.name for gate in project.gates]
    for gate in project.gates:
        if gate.name not in layers.doubtful:  # or else what is missing here may be what was misspelt there
            where = layers.gate_origins.get(gate.name, "")
            yield from _reads_problems(gate, project) if gate.name in GATES else _run_problems(gate, where)
            yield from _need_problems(gate, names)
    yield from _circles(project)


def _run_problems(gate: GatePolicy, where: str) -> Iterator[Problem]:
    """A gate that is none of the built-in ones, and says no command either: most often a slip of the pen."""
    if not gate.command and gate.name not in OPTIONAL_GATES:
        near = nearest(gate.name, GATES, likeness=0.75)  # `types` is no misspelt `tests`
        hint = f"did you mean `{near}`?" if near else f"built-in gates are {listed(GATES)}"
        yield _problem(where, f"`gates.{gate.name}` is a command gate and needs `run`; {hint}")


def _reads_problems(gate: GatePolicy, project: ProjectPolicy) -> Iterator[Problem]:
    """A built-in gate that is told how to read a command, where there is no command."""
    tests = project.gate("tests") if gate.name == "coverage" else None  # their command may write coverage too
    if gate.value("reads") is None or gate.command or (tests and tests.command):
        return
    missing = "`gates.tests.run`" if gate.name == "coverage" else "`run`"
    message = f"`gates.{gate.name}.reads` is about the report of a command, and there is none; set {missing} too"
    yield _problem(gate.settings["reads"].origin, message)


def _need_problems(gate: GatePolicy, names: Sequence[str]) -> Iterator[Problem]:
    for index, need in enumerate(gate.value("needs", ())):
        place = dotted(("gates", gate.name, "needs", index))
        if need == gate.name:
            yield _problem(gate.settings["needs"].origin, f"`{place}`: a gate cannot wait for itself")
        elif need not in names:
            others = [name for name in names if name != gate.name]
            yield _problem(
                gate.settings["needs"].origin, f"`{place}`: there is no gate `{need}`; {meant(need, others)}"
            )


def _circles(project: ProjectPolicy) -> Iterator[Problem]:
    """Gates that wait for one another, so that none of them could ever start; each circle is told once."""
    needs = {gate.name: [n for n in gate.value("needs", ()) if n != gate.name] for gate in project.gates}
    told: set[str] = set()
    for start in needs:
        if start in told:
            continue
        way = _way_back(start, needs)
        if way:
            told |= set(way)
            gate = project.gate(start)
            where = gate.settings["needs"].origin if gate else ""
            yield _problem(
                where, f"gates wait for one another: {' → '.join([*way, start])}; remove one of these `needs`"
            )


def _way_back(start: str, needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The gates on the shortest way from a gate back to itself, or none."""
    ways = [[start]]
    seen: set[str] = set()
    for way in ways:  # grows while it is walked
        for need in needs.get(way[-1], ()):
            if need == start:
                return way
            if need not in seen:
                seen.add(need)
                ways.append([*way, need])
    return []


def _problem(where: str, message: str) -> Problem:
    """A problem at an origin, whose line is taken off again so that problems can be put in order."""
    name, _, line = where.rpartition(":")
    return Problem(name, int(line), message) if name and line.isdigit() else Problem(where, None, message)
