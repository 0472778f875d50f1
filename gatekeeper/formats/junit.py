"""Reads JUnit XML, the report that test runners of every language can write."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from gatekeeper.formats.safe_xml import local_name, number, parse_xml
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import TestCase

_SUITES = frozenset({"testsuites", "testsuite"})
_OUTCOMES = {"error": "error", "failure": "failed", "skipped": "skipped"}
_TOTALS = {"errors": "error", "failures": "failed", "skipped": "skipped"}


def read_junit(text: str) -> tuple[TestCase, ...]:
    """Every test case of a report, in its order, however deep its suites are nested.

    The path of a case is as the report has it. Raises UnreadableReport where the report is no JUnit XML, or where a
    suite claims more tests, failures, errors or skipped tests than it lists: then some are missing. (Fewer are
    allowed: jest-junit lists the tests that are still to be written, and does not count them.)
    """
    root = parse_xml(text, "junit", _SUITES)
    cases = tuple(_case(element, suite) for suite, element in _elements(root))
    for suite in root.iter():
        if local_name(suite) in _SUITES:
            _check_totals(suite)
    return cases


def _elements(root: Element) -> Iterator[tuple[Element, Element]]:
    """Each test case with the suite that it stands in, without recursion, so that no nesting is too deep."""
    waiting = [root]
    while waiting:
        suite = waiting.pop()
        nested = []
        for child in suite:
            name = local_name(child)
            if name == "testcase":
                yield suite, child
            elif name in _SUITES:
                nested.append(child)
        waiting += reversed(nested)


def _case(element: Element, suite: Element) -> TestCase:
    outcome, child = _outcome(element)
    message = detail = ""
    if child is not None:
        message, detail = child.get("message", ""), (child.text or "").strip()
    return TestCase(
        id=_id(element),
        outcome=outcome,
        seconds=_seconds(element.get("time", "")),
        message=message or detail.partition("\n")[0],
        detail=detail,
        path=element.get("file") or suite.get("file") or "",
        line=number(element, "line") or None,
    )


def _outcome(element: Element) -> tuple[str, Element | None]:
    """How a case ended, and the element that says so; the worst counts where there are several."""
    found = {local_name(child): child for child in reversed(element)}
    for name, outcome in _OUTCOMES.items():
        if name in found:
            return outcome, found[name]
    return "passed", None


def _id(element: Element) -> str:
    """The class and the name of a case; some runners write the class into the name as well, and then it is enough."""
    group, name = element.get("classname", ""), element.get("name", "")
    return name if not group or name.startswith(group) else f"{group}::{name}"


def _seconds(text: str) -> float:
    """A duration; some runners group the thousands with a comma, and an odd one is no reason to refuse a report."""
    try:
        seconds = float(text.replace(",", "") or 0)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def _check_totals(suite: Element) -> None:
    outcomes = Counter(_outcome(element)[0] for _, element in _elements(suite))
    claims = [("tests", outcomes.total())] + [(total, outcomes[outcome]) for total, outcome in _TOTALS.items()]
    for attribute, listed in claims:
        claimed = number(suite, attribute)
        if claimed is not None and claimed > listed:
            raise UnreadableReport(
                f"the junit report claims {attribute}={claimed} and lists {listed}"
                f" (suite {suite.get('name', '') or 'without a name'!r})"
            )
