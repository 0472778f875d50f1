"""The severity of every kind of finding, as data: pylint symbols, ruff rules with bandit's severity and confidence."""

from __future__ import annotations

from gatekeeper.gates.review.score import is_fatal
from gatekeeper.model.finding import Severity
from gatekeeper.model.reading import Diagnostic

HARD_ERRORS = frozenset(
    {
        "undefined-variable",
        "undefined-all-variable",
        "used-before-assignment",
        "no-value-for-parameter",
        "too-many-function-args",
        "unexpected-keyword-arg",
        "redundant-keyword-arg",
        "missing-kwoa",
        "no-name-in-module",
        "function-redefined",
        "method-hidden",
        "duplicate-argument-name",
        "return-outside-function",
        "yield-outside-function",
        "yield-inside-async-function",
        "await-outside-async",
        "not-in-loop",
        "continue-in-finally",
        "nonlocal-without-binding",
        "used-prior-global-declaration",
        "bad-except-order",
        "raising-non-exception",
        "raising-bad-type",
        "catching-non-exception",
        "notimplemented-raised",
        "no-method-argument",
        "bad-format-character",
        "truncated-format-string",
        "mixed-format-string",
        "format-needs-mapping",
        "missing-format-string-key",
        "too-many-format-args",
        "too-few-format-args",
        "bad-str-strip-call",
        "logging-unsupported-format",
        "logging-format-truncated",
        "logging-too-many-args",
        "logging-too-few-args",
        "abstract-class-instantiated",
        "inconsistent-mro",
        "duplicate-bases",
        "invalid-slots",
        "return-in-init",
        "init-is-generator",
    }
)
"""Errors of pylint that are nearly always right: the code fails when it runs."""

BUG_PRONE = frozenset(
    {
        "dangerous-default-value",
        "cell-var-from-loop",
        "bare-except",
        "broad-exception-caught",
        "unreachable",
        "missing-timeout",
        "subprocess-run-check",
        "arguments-differ",
        "arguments-renamed",
        "signature-differs",
        "super-init-not-called",
        "non-parent-init-called",
        "method-cache-max-size-none",
        "lost-exception",
        "return-in-finally",
        "assert-on-tuple",
        "self-assigning-variable",
        "redefined-argument-from-local",
        "eval-used",
        "exec-used",
        "unbalanced-tuple-unpacking",
        "modified-iterating-list",
        "modified-iterating-dict",
        "modified-iterating-set",
        "inconsistent-return-statements",
        "bad-open-mode",
        "too-complex",
    }
)
"""Warnings of pylint that often point at a bug."""

_ROWS = """
S101 LOW HIGH     S102 MEDIUM HIGH   S103 HIGH HIGH     S104 MEDIUM MEDIUM S105 LOW MEDIUM    S106 LOW MEDIUM
S107 LOW MEDIUM   S108 MEDIUM MEDIUM S110 LOW HIGH      S112 LOW HIGH      S113 MEDIUM LOW    S201 HIGH MEDIUM
S202 HIGH HIGH    S301 MEDIUM HIGH   S302 MEDIUM HIGH   S303 MEDIUM HIGH   S304 HIGH HIGH     S305 MEDIUM HIGH
S306 MEDIUM HIGH  S307 MEDIUM HIGH   S308 MEDIUM HIGH   S310 MEDIUM HIGH   S311 LOW HIGH      S312 HIGH HIGH
S313 MEDIUM HIGH  S314 MEDIUM HIGH   S315 MEDIUM HIGH   S316 MEDIUM HIGH   S317 MEDIUM HIGH   S318 MEDIUM HIGH
S319 MEDIUM HIGH  S320 MEDIUM HIGH   S321 HIGH HIGH     S323 MEDIUM HIGH   S324 HIGH HIGH     S401 HIGH HIGH
S402 HIGH HIGH    S403 LOW HIGH      S404 LOW HIGH      S405 LOW HIGH      S406 LOW HIGH      S407 LOW HIGH
S408 LOW HIGH     S409 LOW HIGH      S410 LOW HIGH      S411 HIGH HIGH     S412 HIGH HIGH     S413 HIGH HIGH
S415 HIGH HIGH    S501 HIGH HIGH     S502 HIGH HIGH     S503 MEDIUM MEDIUM S504 LOW MEDIUM    S505 HIGH HIGH
S506 MEDIUM HIGH  S507 HIGH MEDIUM   S508 MEDIUM HIGH   S509 MEDIUM HIGH   S601 MEDIUM MEDIUM S602 HIGH HIGH
S603 LOW HIGH     S604 MEDIUM LOW    S605 HIGH HIGH     S606 LOW MEDIUM    S607 LOW HIGH      S608 MEDIUM LOW
S609 HIGH MEDIUM  S610 MEDIUM MEDIUM S611 MEDIUM MEDIUM S612 MEDIUM HIGH   S701 HIGH HIGH     S702 MEDIUM HIGH
S704 MEDIUM HIGH
"""
_WORDS = _ROWS.split()
BANDIT = {_WORDS[at]: (_WORDS[at + 1], _WORDS[at + 2]) for at in range(0, len(_WORDS), 3)}
"""Ruff's S rules with the severity and the confidence that bandit gives them; ruff itself knows neither."""

RAISED = frozenset({"S201", "S506"})
"""Critical although bandit is milder: a debugger for everybody, and `yaml.load` of any object."""

MEDIUM_RULES = frozenset(
    {
        *("B002", "B003", "B005", "B006", "B012", "B015", "B016", "B017", "B019", "B020", "B021", "B023", "B025"),
        *("B026", "B029", "B030", "B031", "B032", "B035", "B039", "B909"),
        *("ASYNC100", "ASYNC105", "ASYNC110", "ASYNC115", "ASYNC116", "ASYNC119"),
    }
)
BLOCKING_IN_ASYNC = frozenset(
    {
        *("ASYNC210", "ASYNC212", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC230", "ASYNC240", "ASYNC250", "ASYNC251"),
    }
)
"""Calls that stop the whole event loop: the one kind of slowness that is worth blocking."""

SAME_THING = {
    "B006": "dangerous-default-value",
    "B012": "lost-exception",
    "B015": "pointless-statement",
    "B018": "pointless-statement",
    "B019": "method-cache-max-size-none",
    "B023": "cell-var-from-loop",
    "B025": "duplicate-except",
    "B904": "raise-missing-from",
    "S113": "missing-timeout",
}
"""Rules of ruff and the pylint symbols that say the same; one place is told of once."""


def pylint_severity(message: Diagnostic, is_ours: bool = True) -> Severity:
    """How bad a pylint message is; `is_ours` says that the module which it names belongs to the project."""
    if is_fatal(message):
        return Severity.CRITICAL
    if message.rule in HARD_ERRORS or (message.rule.startswith("invalid-") and message.rule.endswith("-returned")):
        unsure = message.confidence == "CONTROL_FLOW" or (message.rule == "no-name-in-module" and not is_ours)
        return Severity.MEDIUM if unsure else Severity.HIGH
    return Severity.MEDIUM if message.level == "E" or message.rule in BUG_PRONE else Severity.LOW


def ruff_severity(message: Diagnostic) -> Severity:
    """How bad a message of ruff is."""
    if message.rule in BLOCKING_IN_ASYNC:
        return Severity.HIGH
    if message.rule in MEDIUM_RULES:
        return Severity.MEDIUM
    return _bandit_severity(message) if message.rule in BANDIT else Severity.LOW


def level_severity(message: Diagnostic) -> Severity:
    """How bad a message of any other tool is, by its level."""
    return {"error": Severity.HIGH, "warning": Severity.MEDIUM}.get(message.level, Severity.LOW)


def _bandit_severity(message: Diagnostic) -> Severity:
    if "seems safe" in message.message:  # a shell with a literal command line
        return Severity.LOW
    if message.rule in RAISED:
        return Severity.CRITICAL
    severity, confidence = BANDIT[message.rule]
    if severity == "LOW":
        return Severity.LOW
    if severity == "HIGH":
        return Severity.CRITICAL if confidence == "HIGH" else Severity.HIGH
    return Severity.HIGH if confidence == "HIGH" else Severity.MEDIUM
