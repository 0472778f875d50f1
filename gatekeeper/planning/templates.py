"""The templates of plans as data: for each kind of change what its workstreams are called and held to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from gatekeeper.model.defaults import COVERAGE, REVIEW
from gatekeeper.model.frozen import dataclass, field
from gatekeeper.model.plan import Criterion, Kind, Measure, Pillar


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What the run demands: the least score (of 10), the least coverage (in percent), the mildest blocking severity."""

    score: float = float(REVIEW["minimum"])
    coverage: float = float(COVERAGE["minimum"])
    block: str = str(REVIEW["block"])


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of change: the verb of its primary work, and the criteria of its pillars beside the usual ones."""

    name: str
    primary: str
    own: Mapping[Pillar, tuple[str, ...]] = field(default_factory=dict)


_TESTS, _DOCS, _REVIEW, _PRIMARY = Pillar.TESTS, Pillar.DOCS, Pillar.REVIEW, Pillar.PRIMARY

TEMPLATES: Mapping[Kind, Template] = MappingProxyType(
    {
        Kind.FEATURE: Template(
            "feature", "implement",
            {_TESTS: ("the new behaviour has tests of its own",),
             _DOCS: ("the documentation tells users of the new behaviour",)},
        ),
        Kind.BUGFIX: Template(
            "bug fix", "fix",
            {_TESTS: ("a regression test fails without the fix and passes with it",),
             _DOCS: ("the changelog or the known issues name the bug",)},
        ),
        Kind.REFACTOR: Template(
            "multi-file refactor", "restructure",
            {_REVIEW: ("the public API is what it was, or the break is announced",),
             _TESTS: ("the tests of the base pass without being changed in what they demand",),
             _DOCS: ("no documentation names what has moved by its old name",)},
        ),
        Kind.PERFORMANCE: Template(
            "performance", "speed up",
            {_REVIEW: ("the results are what they were",),
             _TESTS: ("a measurement before and after shows the gain",)},
        ),
        Kind.DOCS: Template("documentation", "document", {_TESTS: ("the examples of the documentation run",)}),
        Kind.TESTS: Template("tests", "test", {_REVIEW: ("no test is weakened, skipped or lost without a reason",)}),
        Kind.CHORE: Template("chore", "maintain", {_REVIEW: ("no gate, threshold or check was loosened",)}),
    }
)  # fmt: skip
"""A template for every kind."""


def criteria(template: Template, pillar: Pillar, thresholds: Thresholds) -> tuple[Criterion, ...]:
    """What must hold at the end of a workstream of this pillar: the usual demands, then those of the template."""
    usual = {
        Pillar.PRIMARY: (Criterion("every change lies in its lane"),),
        Pillar.REVIEW: (
            Criterion(f"score at least {thresholds.score:g} of 10", None, Measure.SCORE, thresholds.score),
            Criterion(f"no {_worst(thresholds.block)} issue", None, Measure.SEVERITY),
        ),
        Pillar.TESTS: (
            Criterion("all tests pass", None, Measure.TESTS),
            Criterion(
                f"coverage of the changed lines at least {thresholds.coverage:g} %",
                None, Measure.COVERAGE, thresholds.coverage,
            ),
        ),
        Pillar.DOCS: (Criterion("documentation complete for all that changed", None, Measure.DOCS),),
        Pillar.INTEGRATION: (
            Criterion("the lanes are joined without a conflict"),
            Criterion("shared files hold what every lane needs"),
        ),
        Pillar.VALIDATION: (
            Criterion("every gate passes on the whole change", None, Measure.GATES),
            Criterion("every changed file was looked at by every gate", None, Measure.EXAMINED),
        ),
    }[pillar]  # fmt: skip
    return (*usual, *(Criterion(text) for text in template.own.get(pillar, ())))


def _worst(block: str) -> str:
    """The severities that block, in words: "critical or high"."""
    severities = ("critical", "high", "medium", "low")
    wanted = severities[: severities.index(block) + 1] if block in severities else severities[:2]
    return " or ".join((", ".join(wanted[:-1]), wanted[-1])) if len(wanted) > 1 else wanted[0]
