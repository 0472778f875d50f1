"""How parallel a run was: the figures, on schedules whose answer is known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.planning.metrics import longest_chain, measure, seconds_alone


def job(name: str, *needs: str) -> Job:
    """A job with needs."""
    return Job(name, "gate", name, (), "/", 1, needs=tuple(Need(need, "because") for need in needs))


def outcome(name: str, start: float, seconds: float, cpu: float) -> Outcome:
    """What came of a job."""
    return Outcome(name, 0, started=start, seconds=seconds, cpu_seconds=cpu)


def test_four_sleeps_are_four_times_faster_on_two_cores() -> None:
    outcomes = {name: outcome(name, 0, 1, 0) for name in "abcd"}
    metrics = measure([job(name) for name in "abcd"], outcomes, 2)
    assert (metrics.work, metrics.makespan, metrics.speed_up, metrics.possible) == (4, 1, 4, 4)


def test_sharing_two_cores_is_not_taken_for_speed() -> None:
    """Four busy jobs of one second on two cores take two seconds each, side by side: 2x and not 4x."""
    outcomes = {name: outcome(name, 0, 2, 1) for name in "abcd"}
    metrics = measure([job(name) for name in "abcd"], outcomes, 2)
    assert metrics.work == pytest.approx(4)
    assert metrics.speed_up == pytest.approx(2)
    assert metrics.possible == pytest.approx(2)


def test_a_chain_bounds_the_run() -> None:
    jobs = [job("tests"), job("review"), job("coverage", "tests")]
    outcomes = {
        "tests": outcome("tests", 0, 4, 4),
        "review": outcome("review", 0, 3, 3),
        "coverage": outcome("coverage", 4, 1, 1),
    }
    metrics = measure(jobs, outcomes, 2)
    assert longest_chain(jobs, {name: o.seconds for name, o in outcomes.items()}) == ("tests", "coverage")
    assert (metrics.critical_path, metrics.bound) == (5, 5)
    assert (metrics.speed_up, metrics.possible) == (pytest.approx(8 / 5), pytest.approx(8 / 5))


def test_nothing_ran() -> None:
    assert measure([job("a")], {}, 2).speed_up == 1.0


@given(
    st.lists(st.tuples(st.floats(0, 50), st.floats(0.01, 50), st.floats(0, 1)), min_size=1, max_size=8),
    st.integers(1, 8),
)
def test_a_run_never_beats_its_bound(times: list[tuple[float, float, float]], cores: int) -> None:
    outcomes = [outcome(str(n), start, length, length * share) for n, (start, length, share) in enumerate(times)]
    metrics = measure([job(o.job) for o in outcomes], {o.job: o for o in outcomes}, cores)
    assert metrics.bound <= metrics.makespan * 1.0001
    assert metrics.speed_up <= metrics.possible * 1.0001
    for each in outcomes:
        assert each.cpu_seconds - 1e-9 <= seconds_alone(each, outcomes, cores) <= each.seconds + 1e-9
