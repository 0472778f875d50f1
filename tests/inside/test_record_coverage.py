"""Each line that coverage measures is credited to one test that ran it, as coverage itself says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from gatekeeper.inside.record_coverage import Crediting, settings_of, spelt
from gatekeeper.inside.record_key import digest


class Data:
    """What coverage would say."""

    def __init__(self, branches: bool, said: set[tuple[int, ...]]) -> None:
        self.branches, self.said = branches, said

    def has_arcs(self) -> bool:
        return self.branches

    def arcs(self, file: str) -> list[tuple[int, ...]]:
        return sorted(self.said)

    def lines(self, file: str) -> list[int]:
        return [line for (line,) in sorted(self.said)]


def crediting(gathered: dict[str, set[object]], data: Data, inside: str = "m.py") -> Crediting:
    found = Crediting(lambda file: inside)
    collector = type("Collector", (), {"data": gathered})()
    found.measure = type("Measure", (), {"_collector": collector, "get_data": lambda self: data})()
    return found


def test_a_line_is_credited_to_the_first_that_runs_it() -> None:
    gathered: dict[str, set[object]] = {"/m.py": {1}}
    own = crediting(gathered, Data(False, {(1,), (2,), (3,)}))
    own.credit("")
    gathered["/m.py"] |= {2}
    own.credit("t")
    own.credit("u")
    gathered["/m.py"] |= {2, 3}
    own.credit("v")
    assert own.report("s") == {
        "settings": "s",
        "branches": False,
        "by": {"": {"m.py": [(1,)]}, "t": {"m.py": [(2,)]}, "v": {"m.py": [(3,)]}},
    }


@pytest.mark.parametrize("bits", [28, 20])
def test_packed_branches_are_read_as_coverage_says(bits: int) -> None:
    packed = {5 | 6 << bits, 1 | 5 << bits | 1 << 2 * bits, 6 | 1 << bits | 1 << 2 * bits + 1}
    said: set[tuple[int, ...]] = {(5, 6), (-1, 5), (6, -1)}
    assert set(spelt(packed, bits)) == said
    own = crediting({"/m.py": set(packed)}, Data(True, said))
    own.credit("t")
    report = own.report("s")
    assert report is not None
    assert report["by"] == {"t": {"m.py": sorted(said)}}


def test_nothing_is_told_where_it_does_not_agree() -> None:
    assert crediting({"/m.py": {1}}, Data(False, {(2,)})).report("s") is None
    assert crediting({"/m.py": {1}}, Data(False, {(1,)}), inside="").report("s") is None
    assert Crediting(str).report("s") is None or "coverage" in sys.modules


def test_settings_are_the_same_wherever_the_tree_lies(tmp_path: Path) -> None:
    coverage = pytest.importorskip("coverage")
    names = set()
    for name in ("one", "two"):
        place = tmp_path / name
        place.mkdir()
        measure = coverage.Coverage(config_file=False, data_file=None, source=[str(place / "src")])
        measure.set_option("run:omit", [f"{os.path.realpath(place)}/x.py"])
        names.add(settings_of(measure, str(place), digest))
        measure.set_option("run:branch", True)
        assert settings_of(measure, str(place), digest) not in names
    assert len(names) == 1
