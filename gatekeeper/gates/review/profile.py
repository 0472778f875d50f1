"""The default profile: which pylint messages count in a project that has no pylint configuration of its own."""

from __future__ import annotations

from collections.abc import Callable

from gatekeeper.model.reading import Diagnostic

ALWAYS_OFF = ("duplicate-code", "cyclic-import")
"""They depend on the order of files, and are reported on whatever file was checked last."""

PROFILE_OFF = (
    "missing-module-docstring",
    "missing-class-docstring",
    "missing-function-docstring",
    "empty-docstring",
    "fixme",
)
"""The docs gate looks at docstrings; a reminder is no defect."""

FORMATTING = frozenset(
    {
        "line-too-long",
        "trailing-whitespace",
        "missing-final-newline",
        "trailing-newlines",
        "multiple-statements",
        "superfluous-parens",
        "unnecessary-semicolon",
        "bad-indentation",
        "multiple-imports",
        "wrong-import-order",
        "ungrouped-imports",
        "wrong-import-position",
        "mixed-line-endings",
        "unexpected-line-ending-format",
    }
)
"""Left to the formatter where one is set up."""

OFF_IN_TESTS = frozenset(
    {
        "redefined-outer-name",
        "protected-access",
        "unused-argument",
        "pointless-statement",
        "expression-not-assigned",
        "comparison-with-itself",
        "comparison-of-constants",
        "comparison-with-callable",
        "attribute-defined-outside-init",
        "invalid-name",
        "disallowed-name",
        "import-outside-toplevel",
        "use-implicit-booleaness-not-comparison",
        "singleton-comparison",
        "unnecessary-dunder-call",
    }
)
"""What tests do on purpose; with them every `too-*` message."""


def counts(message: Diagnostic, is_test: bool, has_formatter: bool) -> bool:
    """Whether a pylint message counts under the default profile."""
    if message.rule in PROFILE_OFF or message.level == "I":
        return False
    if has_formatter and message.rule in FORMATTING:
        return False
    return not (is_test and (message.rule in OFF_IN_TESTS or message.rule.startswith("too-")))


_ENVIRONMENT = frozenset({"import-error", "no-name-in-module", "no-member", "c-extension-no-member"})


def rests_on_imports(message: Diagnostic) -> bool:
    """Whether the message is worth nothing where third-party imports do not resolve."""
    # pylint counts the methods of a class without those of a base that it cannot import
    return message.rule in _ENVIRONMENT or message.rule == "too-few-public-methods"


_OF_OTHER_PYTHONS = _ENVIRONMENT | {
    "unexpected-keyword-arg",
    "no-value-for-parameter",
    "too-many-function-args",
    "missing-kwoa",
    "redundant-keyword-arg",
}


def rests_on_python(message: Diagnostic) -> bool:
    """Whether the message is worth nothing in code for another Python or platform than the one that pylint runs on."""
    return message.rule in _OF_OTHER_PYTHONS


def is_foreign_import(message: Diagnostic, is_ours: Callable[[str], bool]) -> bool:
    """Whether pylint could not import something that is not of the project: a matter of the environment."""
    return message.rule == "import-error" and not is_ours(quoted_module(message))


def quoted_module(message: Diagnostic) -> str:
    """The module that an import message names: the last quoted word ("No name 'x' in module 'y'")."""
    words = message.message.split("'")
    return words[-2] if len(words) > 2 else ""
