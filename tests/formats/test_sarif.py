from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.sarif import read_sarif
from gatekeeper.formats.unreadable import UnreadableReport
from gatekeeper.model.reading import Diagnostic

FIXTURES = Path(__file__).parent / "fixtures"


def log(*runs: dict[str, Any]) -> str:
    return json.dumps({"version": "2.1.0", "runs": runs})


def run(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"tool": {"driver": {"name": "t", **more.pop("driver", {})}}, "results": list(results), **more}


def only(text: str) -> Diagnostic:
    (diagnostic,) = read_sarif(text, "/r")
    return diagnostic


def at(uri: str | None, **more: Any) -> dict[str, Any]:
    location = {"uri": uri, **more} if uri is not None else more
    return {"message": {"text": "m"}, "locations": [{"physicalLocation": {"artifactLocation": location}}]}


def test_eslint() -> None:
    found = read_sarif((FIXTURES / "eslint_findings.sarif").read_text(), "/project")
    assert [(d.path, d.line, d.rule, d.level) for d in found] == [
        ("src/price.ts", 8, "@typescript-eslint/no-explicit-any", "error"),
        ("src/price.ts", 9, "no-var", "error"),
        ("src/price.ts", 10, "@typescript-eslint/no-unused-vars", "error"),
    ]
    assert (found[0].message, found[0].column, found[0].end_line) == (
        "Unexpected any. Specify a different type.", 33, 8,
    )  # fmt: skip
    assert read_sarif((FIXTURES / "eslint_clean.sarif").read_text(), "/project") == ()


def test_eslint_on_code_that_does_not_parse() -> None:
    with pytest.raises(UnreadableReport, match=r"failed: src/syntax\.ts:1: Parsing error: Expression expected"):
        read_sarif((FIXTURES / "eslint_parse_error.sarif").read_text(), "/project")


def test_ruff() -> None:
    found = read_sarif((FIXTURES / "ruff.sarif").read_text(), "/project")
    assert [(d.path, d.line, d.rule, d.level) for d in found] == [
        ("src/shop.py", 1, "F401", "error"), ("src/shop.py", 11, "F841", "error"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("result", "rule", "level"),
    [
        ({}, {}, "warning"),
        ({"level": "note"}, {"defaultConfiguration": {"level": "error"}}, "note"),
        ({}, {"defaultConfiguration": {"level": "error"}}, "error"),
        ({"level": "odd"}, {}, "warning"),
        ({"kind": "review"}, {"defaultConfiguration": {"level": "error"}}, "none"),
        ({"kind": "open", "level": "none"}, {}, "none"),
    ],
)
def test_levels(result: dict[str, Any], rule: dict[str, Any], level: str) -> None:
    text = log(run({"ruleId": "R", "message": {"text": "m"}, **result}, driver={"rules": [{"id": "R", **rule}]}))
    assert only(text).level == level


@pytest.mark.parametrize(
    "result",
    [
        {"kind": "pass"},
        {"kind": "notApplicable"},
        {"kind": "informational"},
        {"baselineState": "absent"},
        {"suppressions": [{"kind": "inSource"}]},
        {"suppressions": [{"kind": "external", "status": "accepted"}]},
    ],
)
def test_what_is_left_out(result: dict[str, Any]) -> None:
    assert read_sarif(log(run({"message": {"text": "m"}, **result})), "/r") == ()


@pytest.mark.parametrize(
    "suppressions", [[], None, [{"status": "underReview"}], [{"kind": "inSource"}, {"status": "rejected"}]]
)
def test_a_suppression_that_nobody_accepted_is_none(suppressions: Any) -> None:
    assert only(log(run({"message": {"text": "m"}, "suppressions": suppressions}))).message == "m"


RULES = {"rules": [{"id": "A"}, {"id": "B", "defaultConfiguration": {"level": "note"}}]}
EXTENSIONS = [{"name": "x", "rules": [{"id": "E", "defaultConfiguration": {"level": "error"}}]}]


@pytest.mark.parametrize(
    ("result", "rule", "level"),
    [
        ({"ruleIndex": 1}, "B", "note"),
        ({"ruleId": "B"}, "B", "note"),
        ({"ruleId": "B/2"}, "B/2", "note"),
        ({"rule": {"id": "B"}}, "B", "note"),
        ({"rule": {"index": 1}}, "B", "note"),
        ({"rule": {"index": 0, "toolComponent": {"index": 0}}}, "E", "error"),
        ({"ruleId": "E"}, "E", "error"),
        ({"rule": {"index": 0, "toolComponent": {"index": 9}}}, "sarif", "warning"),
        ({"ruleIndex": -1, "ruleId": "Z"}, "Z", "warning"),
        ({"ruleIndex": 99}, "sarif", "warning"),
        ({}, "sarif", "warning"),
    ],
)
def test_rules(result: dict[str, Any], rule: str, level: str) -> None:
    shape = {"tool": {"driver": {"name": "t", **RULES}, "extensions": EXTENSIONS}}
    found = only(log({**shape, "results": [{"message": {"text": "m"}, **result}]}))
    assert (found.rule, found.level) == (rule, level)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"text": "plain"}, "plain"),
        ({"markdown": "*m*"}, "*m*"),
        ({"id": "x", "arguments": ["one", "two"]}, "is two and one, not {7}"),
        ({}, "in short"),
    ],
)
def test_messages(message: dict[str, Any], text: str) -> None:
    rule = {
        "id": "R", "messageStrings": {"x": {"text": "is {1} and {0}, not {7}"}}, "shortDescription": {"text": "in short"},
    }  # fmt: skip
    assert only(log(run({"ruleId": "R", "message": message}, driver={"rules": [rule]}))).message == text


BASES = {
    "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
    "ROOT": {"uri": "file:///r/"},
    "OPEN": {},
    "LOOP": {"uri": "x/", "uriBaseId": "LOOP"},
}


@pytest.mark.parametrize(
    ("result", "path"),
    [
        (at("src/a%20b.ts"), "src/a b.ts"),
        (at("file:///r/src/a.ts"), "src/a.ts"),
        (at("file:///elsewhere/a.ts"), "/elsewhere/a.ts"),
        (at("src/a.ts", uriBaseId="%SRCROOT%"), "src/a.ts"),
        (at("a.ts", uriBaseId="SRC"), "src/a.ts"),
        (at("a.ts", uriBaseId="ROOT"), "a.ts"),
        (at("a.ts", uriBaseId="OPEN"), "a.ts"),
        (at("file:///r/b.ts", uriBaseId="SRC"), "b.ts"),
        (at(None, index=0), "art.ts"),
        (at(None, index=7), ""),
        (at(None), ""),
        ({"message": {"text": "m"}}, ""),
    ],
)
def test_places(result: dict[str, Any], path: str) -> None:
    artifacts = [{"location": {"uri": "art.ts"}}]
    assert only(log(run(result, originalUriBaseIds=BASES, artifacts=artifacts))).path == path


def test_bases_that_go_round_in_a_circle_end() -> None:
    assert only(log(run(at("a.ts", uriBaseId="LOOP"), originalUriBaseIds=BASES))).path.endswith("x/a.ts")


def test_every_run_is_read() -> None:
    assert len(read_sarif(log(run(at("a")), run(), run(at("b"), at("c"))), "/r")) == 3


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "no complete JSON"),
        ("[" * 100_000, "no complete JSON"),
        ("[]", "no SARIF"),
        ('{"version": "1.0.0", "runs": []}', "no SARIF"),
        ('{"version": "2.1.0"}', "no run"),
        (log(), "no run"),
        ('{"version": "2.1.0", "runs": [7]}', "no run"),
        ('{"version": "2.1.0", "runs": [{"tool": {}, "results": []}, 7]}', "no run"),
        ('{"version": "2.1.0", "runs": [{"tool": {}, "results": [7]}]}', "without results"),
        (log({"tool": {"driver": {"name": "t"}}}), "without results"),
        (log(run(), {"tool": {"driver": {}}, "results": None}), "without results"),
        (log(run(invocations=[{"executionSuccessful": False}])), "the tool failed$"),
        (
            log(
                run(
                    invocations=[
                        {"executionSuccessful": False, "toolExecutionNotifications": [{"message": {"text": "boom"}}]}
                    ]
                )
            ),
            "the tool failed: boom",
        ),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableReport, match=said):
        read_sarif(text, "/r")


KEYS = """tool driver rules id results ruleId ruleIndex rule index message text level kind locations physicalLocation
artifactLocation uri uriBaseId region startLine invocations suppressions arguments toolComponent artifacts location
extensions executionSuccessful toolExecutionNotifications originalUriBaseIds messageStrings"""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 5) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=6),
    max_leaves=30,
)


@given(JSON, JSON)
def test_no_shape_of_json_breaks_the_reader(odd: Any, result: Any) -> None:
    shapes = [{"version": "2.1.0", "runs": [odd]}, {"version": "2.1.0", "runs": [{"results": [result], "tool": odd}]}]
    for shape in (odd, *shapes):
        try:
            read_sarif(json.dumps(shape), "/r")
        except UnreadableReport:
            continue
