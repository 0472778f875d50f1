"""Makes the workstreams of a plan from its lanes: primary work, the quality pillars, integration, validation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from gatekeeper.formats.globs import is_pattern
from gatekeeper.model.change import Role, role_of
from gatekeeper.model.frozen import dataclass, field, replace
from gatekeeper.model.plan import Dependency, Kind, Phase, Pillar, Workstream
from gatekeeper.planning.estimate import History, estimate
from gatekeeper.planning.group import Lane, name_of
from gatekeeper.planning.templates import TEMPLATES, Thresholds, criteria

QUALITY = (Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS)
"""The three pillars that every code workstream has."""

_BASELINES = {
    Pillar.REVIEW: "Measure the review of the base",
    Pillar.TESTS: "Measure tests and coverage of the base",
    Pillar.DOCS: "Note the public names and documents of the base",
}
_JUDGING = {Pillar.REVIEW: "Review", Pillar.TESTS: "Tests and coverage", Pillar.DOCS: "Documentation"}
_ORDER = "order of the template"


@dataclass(frozen=True, slots=True)
class Brief:
    """What the workstreams are made by.

    `choose` gives for a pillar and its paths the agent and the reason; `weights` are the changed lines by path.
    """

    kind: Kind
    choose: Callable[[Pillar, Collection[str]], tuple[str, str]]
    thresholds: Thresholds = field(default_factory=Thresholds)
    history: History = field(default_factory=dict)
    weights: Mapping[str, int] = field(default_factory=dict)
    pillars: tuple[Pillar, ...] = QUALITY


def lay_out(lanes: Sequence[Lane], shared: Sequence[str], brief: Brief) -> tuple[Workstream, ...]:
    """All workstreams, in the order of a reader: primary, baselines, judging lane by lane, integration, validation.

    The baselines (PREPARE) are made once for the whole change, since they look at the base alone; without any code
    there is nothing to compare with, hence none. `shared` are the files of the integration, which comes last before
    the validation; validation is what judges it.
    """
    if not lanes:
        return ()
    names = [f"-{number}" if len(lanes) > 1 else "" for number in range(1, len(lanes) + 1)]
    titles = {lane.title: f"primary{name}" for lane, name in zip(lanes, names, strict=True)}
    primary = [_primary(lane, name, titles, brief) for lane, name in zip(lanes, names, strict=True)]
    prepare = _prepare(lanes, brief)
    judging = [
        _judge(pillar, lane, name, {each.pillar: each for each in prepare}, brief)
        for lane, name in zip(lanes, names, strict=True)
        for pillar in pillars_of(lane, brief.pillars)
    ]
    before = [*primary, *prepare, *judging, *_tests_without_code(lanes, primary, brief)]
    if shared:
        before.append(_integration(shared, primary, brief))
    return (*before, _validation(lanes, shared, before, brief))


def pillars_of(lane: Lane, pillars: Sequence[Pillar] = QUALITY) -> tuple[Pillar, ...]:
    """The pillars that judge a lane: what its files owe, the review always, and docs where it holds docs."""
    owing = owed(lane.paths)
    has_docs = any(role_of(path) is Role.DOCS for path in lane.paths)
    return tuple(p for p in pillars if p in owing or p is Pillar.REVIEW or (p is Pillar.DOCS and has_docs))


def owed(paths: Iterable[str]) -> tuple[Pillar, ...]:
    """The pillars without which these files are not examined: all three for code, no docs for tests alone."""
    code = [path for path in paths if has_code((path,))]
    if code and all(role_of(path) is Role.TEST for path in code):
        return (Pillar.REVIEW, Pillar.TESTS)
    return QUALITY if code else ()


def complete(workstreams: Sequence[Workstream], brief: Brief) -> tuple[Workstream, ...]:
    """The workstreams with those added that would judge what no workstream of an owed pillar judges so far.

    The new ones come before the first that joins or validates, and every validation needs them.
    """
    added = []
    for work in workstreams:
        for pillar in brief.pillars if work.pillar is Pillar.PRIMARY else ():
            left = tuple(sorted(set(work.scope) - judged(workstreams, pillar)))
            if left and pillar in owed(work.scope):
                name = f"{pillar}{work.id.removeprefix('primary')}"
                name += "-added" * any(name == each.id for each in workstreams)
                need = Dependency(work.id, "artefact", f"judges what {work.id} makes")
                title = f"{_JUDGING.get(pillar, pillar.capitalize())} of {name_of(left)}"
                added.append(_make(name, title, (pillar, Phase.JUDGE), left, (need,), brief))
    needs = tuple(Dependency(w.id, _ORDER, f"judges the whole, with what {w.id} brings") for w in added)
    last = [w for w in workstreams if w.pillar in (Pillar.INTEGRATION, Pillar.VALIDATION)]
    first = [w for w in workstreams if w not in last]
    joined = [replace(w, needs=(*w.needs, *needs)) if w.pillar is Pillar.VALIDATION else w for w in last]
    return (*first, *added, *joined)


def judged(workstreams: Sequence[Workstream], pillar: Pillar) -> set[str]:
    """The paths that a pillar judges."""
    return {path for w in workstreams if w.pillar is pillar and w.phase is Phase.JUDGE for path in w.scope}


def has_code(paths: Iterable[str]) -> bool:
    """Whether there is code among the paths.

    A pattern may mean code unless its ending or its folder says otherwise (`**/*.md`, `docs/**`), and so may a name in
    small letters without an ending: a folder, or a script such as `configure`; not so `LICENSE`, `.gitignore` or
    `docs`. What a pattern takes away (`!src/**`) is none.
    """
    return any(_is_code(path) for path in paths if not path.startswith("!"))


def _is_code(path: str) -> bool:
    pure = PurePosixPath(path)
    if role_of(path) in (Role.SOURCE, Role.TEST, Role.EXAMPLE) or pure.suffix in (".py", ".pyi"):
        return True
    if is_pattern(path):
        return role_of(path) is not Role.DOCS and (not pure.suffix or is_pattern(pure.suffix))
    bare = not pure.suffix and pure.name.islower() and not pure.name.startswith(".")
    return bare and role_of(f"{path.rstrip('/')}/x") is not Role.DOCS


def _primary(lane: Lane, name: str, titles: Mapping[str, str], brief: Brief) -> Workstream:
    roles = {role_of(path) for path in lane.paths}
    kind = Kind.DOCS if roles == {Role.DOCS} else Kind.TESTS if roles == {Role.TEST} else brief.kind
    verb = TEMPLATES[kind].primary.capitalize()
    needs = tuple(Dependency(titles[n.on], n.basis, n.proof, n.hint) for n in lane.needs)
    return _make(f"primary{name}", f"{verb} {lane.title}", (Pillar.PRIMARY, Phase.WORK), lane.paths, needs, brief)


def _prepare(lanes: Sequence[Lane], brief: Brief) -> list[Workstream]:
    coded = [lane for lane in lanes if has_code(lane.paths)]
    found = []
    for pillar in brief.pillars:
        scope = tuple(sorted({path for lane in coded if pillar in owed(lane.paths) for path in lane.paths}))
        if scope and pillar in _BASELINES:
            found.append(_make(f"prepare-{pillar}", _BASELINES[pillar], (pillar, Phase.PREPARE), scope, (), brief))
    return found


def _tests_without_code(lanes: Sequence[Lane], primary: Sequence[Workstream], brief: Brief) -> list[Workstream]:
    """Tests run on every change: where no lane has code, once for all of them."""
    if Pillar.TESTS not in brief.pillars or any(has_code(lane.paths) for lane in lanes):
        return []
    scope = tuple(sorted(path for lane in lanes for path in lane.paths))
    needs = [Dependency(w.id, "artefact", f"judges what {w.id} makes") for w in primary]
    return [_make("tests", "Tests of the whole change", (Pillar.TESTS, Phase.JUDGE), scope, needs, brief)]


def _judge(pillar: Pillar, lane: Lane, name: str, prepared: Mapping[Pillar, Workstream], brief: Brief) -> Workstream:
    work = f"primary{name}"
    needs = [Dependency(work, "artefact", f"judges what {work} makes")]
    if pillar in prepared and pillar in owed(lane.paths):
        baseline = prepared[pillar].id
        needs.append(Dependency(baseline, "artefact", f"compares with what {baseline} saw"))
    title = f"{_JUDGING.get(pillar, pillar.capitalize())} of {lane.title}"
    return _make(f"{pillar}{name}", title, (pillar, Phase.JUDGE), lane.paths, needs, brief)


def _integration(shared: Sequence[str], primary: Sequence[Workstream], brief: Brief) -> Workstream:
    what = name_of(shared)
    needs = [Dependency(w.id, "artefact", f"has to fit what {w.id} brings") for w in primary]
    return _make("integration", f"Join the lanes in {what}", (Pillar.INTEGRATION, Phase.WORK), shared, needs, brief)


def _validation(lanes: Sequence[Lane], shared: Sequence[str], before: Sequence[Workstream], brief: Brief) -> Workstream:
    """Needs all that nothing else of the plan needs: the rest is over by then anyway."""
    needed = {need.on for workstream in before for need in workstream.needs}
    scope = sorted({*(path for lane in lanes for path in lane.paths), *shared})
    needs = [
        Dependency(w.id, _ORDER, f"judges the whole, with what {w.id} brings") for w in before if w.id not in needed
    ]
    return _make("validation", "Validate the whole change", (Pillar.VALIDATION, Phase.JUDGE), scope, needs, brief)


def _make(
    name: str, title: str, what: tuple[Pillar, Phase], scope: Sequence[str], needs: Sequence[Dependency], brief: Brief
) -> Workstream:
    pillar, phase = what
    agent, reason = brief.choose(pillar, scope)
    lines = sum(brief.weights.get(path, 1) for path in scope)
    seconds, basis = estimate(brief.kind, pillar, phase, lines, brief.history)
    held = () if phase is Phase.PREPARE else criteria(TEMPLATES[brief.kind], pillar, brief.thresholds)
    return Workstream(name, title, pillar, phase, agent, reason, tuple(scope), held, tuple(needs), seconds, basis)
