"""Decides which modes are active for a run: those asked for, those whose triggers fired, and what they need."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gatekeeper.formats.config_errors import meant
from gatekeeper.model.errors import UsageError
from gatekeeper.model.mode import EVERY_MODE, ActiveMode, Mode, ModeWish
from gatekeeper.model.mode_library import Library
from gatekeeper.model.settlement import ModeState, Obstacle, Settlement
from gatekeeper.model.trigger import Measurement
from gatekeeper.planning.contest import Ask, Contest, clash
from gatekeeper.planning.dependencies import closure, missing, mode_dependencies


def activate(
    library: Library, wish: ModeWish, measurements: Sequence[Measurement], ask: Ask | None = None
) -> Settlement:
    """The active modes, the highest priority first. Raises `UsageError` with everything that is in the way."""
    settled = settle(library, wish, measurements, ask)
    if settled.obstacles:
        lines = [f"{obstacle.message}; {obstacle.remedy}" for obstacle in settled.obstacles]
        raise UsageError("\n".join(lines), "`gatekeeper modes` lists all modes with their state")
    return settled


def settle(library: Library, wish: ModeWish, measurements: Sequence[Measurement], ask: Ask | None = None) -> Settlement:
    """The same with the obstacles as data. Raises `UsageError` only for a wish that makes no sense."""
    _check(library, wish)
    called = {mode.name: mode for mode in library.modes if _reasons(mode, wish, measurements)}
    own = frozenset(called)
    remembered = _remembering(ask) if ask else None
    while True:
        contest = Contest(called, frozenset(wish.asked), remembered)
        needed = [n for mode in contest.kept for n in mode_dependencies(mode, library) if n.name not in called]
        needed = [mode for mode in needed if mode.name not in wish.refused]
        if not needed:
            break
        called |= {mode.name: mode for mode in needed}
    obstacles = [*contest.obstacles, *_unmet(contest, library, wish, own)]
    active = [ActiveMode(mode, _why(mode, contest.kept, library, wish, measurements)) for mode in contest.kept]
    active.sort(key=lambda one: (-one.mode.priority.rank, one.mode.name))
    evictions = sorted(contest.evictions, key=lambda eviction: eviction.mode.name)
    return Settlement(tuple(active), tuple(evictions), tuple(sorted(obstacles, key=lambda one: one.message)))


def mode_states(
    library: Library, wish: ModeWish, measurements: Sequence[Measurement], settled: Settlement
) -> tuple[ModeState, ...]:
    """Every mode with its state and why, by name."""
    blocked: dict[str, list[str]] = {}
    for obstacle in settled.obstacles:
        for name in obstacle.modes:
            blocked.setdefault(name, []).append(f"{obstacle.message}; {obstacle.remedy}")
    states = []
    for mode in sorted(library.modes, key=lambda one: one.name):
        if mode.name in blocked:
            states.append(ModeState(mode, "cannot be active", tuple(blocked[mode.name])))
        else:
            states.append(_state(mode, library, wish, measurements, settled))
    return tuple(states)


def _state(
    mode: Mode, library: Library, wish: ModeWish, measurements: Sequence[Measurement], settled: Settlement
) -> ModeState:
    for one in settled.active:
        if one.mode.name == mode.name:
            return ModeState(mode, "active", one.reasons)
    given = [f"gives way to {e.by.name}: {e.why}" for e in settled.evictions if e.mode.name == mode.name]
    if given:
        return ModeState(mode, "evicted", tuple(given))
    lacks = [f"{obstacle.message}; {obstacle.remedy}" for obstacle in missing(mode, library)]
    beside = [
        (one.mode, clash(mode, one.mode)) for one in settled.active if mode.priority.rank <= one.mode.priority.rank
    ]
    lacks += [f"not beside {other.name}, which is active: {why}" for other, why in beside if why]
    if lacks:
        return ModeState(mode, "cannot be active", tuple(lacks))
    if mode.name in wish.on_request - wish.refused and EVERY_MODE not in wish.refused:
        return ModeState(mode, "available", (f"on request: --mode {mode.name}", *_fired(mode, measurements)))
    if wish.refuses(mode.name) and _fired(mode, measurements):
        return ModeState(mode, "off", ("--no-mode", *_fired(mode, measurements)))
    silent = tuple(m.evidence for m in measurements if m.trigger in mode.triggers)
    return ModeState(mode, "available", silent or (f"it has no triggers; ask for it with --mode {mode.name}",))


def _check(library: Library, wish: ModeWish) -> None:
    names = sorted(mode.name for mode in library.modes)
    for flag, wanted in (("--mode", wish.asked), ("--no-mode", sorted(wish.refused - {EVERY_MODE}))):
        for name in wanted:
            if name not in names:
                raise UsageError(f"there is no mode {name!r} ({flag}); {meant(name, names)}", "see `gatekeeper modes`")
    both = sorted(set(wish.asked) & wish.refused)
    if both:
        raise UsageError(f"the mode {both[0]} is asked for and refused", "give either --mode or --no-mode for it")


def _fired(mode: Mode, measurements: Sequence[Measurement]) -> tuple[str, ...]:
    return tuple(m.evidence for m in measurements if m.fired and m.trigger in mode.triggers)


def _reasons(mode: Mode, wish: ModeWish, measurements: Sequence[Measurement]) -> tuple[str, ...]:
    """Why a mode is called for, other than by another mode."""
    asked = ("--mode",) if mode.name in wish.asked else ()
    return () if wish.refuses(mode.name) else (*asked, *_fired(mode, measurements))


def _why(
    mode: Mode, kept: Sequence[Mode], library: Library, wish: ModeWish, measurements: Sequence[Measurement]
) -> tuple[str, ...]:
    needers = sorted(one.name for one in kept if mode in mode_dependencies(one, library))
    needs = (f"needed by {', '.join(needers)}",) if needers else ()
    return (*_reasons(mode, wish, measurements), *needs)


def _unmet(contest: Contest, library: Library, wish: ModeWish, own: Collection[str]) -> list[Obstacle]:
    """What the modes that were kept need and do not have."""
    names = {mode.name for mode in contest.kept}
    winners = {eviction.mode.name: eviction for eviction in contest.evictions}
    found = [obstacle for mode in contest.kept for obstacle in missing(mode, library)]
    for mode in contest.kept:
        for need in mode_dependencies(mode, library):
            if need.name in names:
                continue
            what = f"the mode {mode.name} needs the mode {need.name}"
            if need.name in winners:
                by, why = winners[need.name].by.name, winners[need.name].why
                remedy = f"switch one of them off with --no-mode {mode.name} or --no-mode {by}"
                found.append(Obstacle((mode.name,), f"{what}, which gives way to {by}: {why}", remedy))
            else:
                remedy = f"let it be, or switch {mode.name} off too"
                found.append(Obstacle((mode.name,), f"{what}, which --no-mode switches off", remedy))
    rooted = closure([mode for mode in contest.kept if mode.name in own], library)
    for name in sorted(names - rooted):
        message = f"the mode {name} was only called for by a mode that has to give way because of it"
        found.append(Obstacle((name,), message, f"switch it off with --no-mode {name}"))
    return found


def _remembering(ask: Ask) -> Ask:
    """The same question is asked once."""
    answers: dict[tuple[str, str], str] = {}

    def remembering(question: str, options: tuple[str, str]) -> str:
        if options not in answers:
            answers[options] = ask(question, options)
        return answers[options]

    return remembering
