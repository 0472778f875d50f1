"""Lines are measured by the cheaper core of coverage where it sees the same, and where nobody has chosen another."""

from __future__ import annotations

import sys

import coverage
import pytest

from gatekeeper.inside.measure import SETTLED_CORE, choose_core, option

HAS_CHEAPER = (3, 12) <= sys.version_info < (3, 14)


def chosen(**settings: object) -> object:
    """The core that is chosen under these settings of the project."""
    measure = coverage.Coverage(config_file=False, data_file=None)
    for name, value in settings.items():
        measure.set_option(f"run:{name}", value)
    choose_core(measure, coverage.version_info)
    return option(measure, "run:core")


def test_lines_are_measured_by_the_cheaper_core(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COVERAGE_CORE", raising=False)
    assert chosen() == ("sysmon" if HAS_CHEAPER else None)
    assert chosen(concurrency=["multiprocessing"]) == chosen()


@pytest.mark.parametrize(
    "settings", [{"branch": True}, {"plugins": ["a.plugin"]}, {"timid": True}, {"concurrency": ["gevent"]}]
)
def test_the_core_stays_where_the_cheaper_one_sees_less(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    monkeypatch.delenv("COVERAGE_CORE", raising=False)
    assert chosen(**settings) is None


def test_what_others_have_chosen_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COVERAGE_CORE", raising=False)
    assert chosen(core="ctrace") == "ctrace"
    monkeypatch.setenv("COVERAGE_CORE", "ctrace")
    measure = coverage.Coverage(config_file=False, data_file=None)
    choose_core(measure, SETTLED_CORE)
    assert option(measure, "run:core") == "ctrace"
