"""Finds credentials on added lines of text files and never repeats them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gatekeeper.formats.credentials import Patterns, credential_patterns, mask, without_credentials
from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.model.change import FileChange, Role
from gatekeeper.model.finding import Severity
from gatekeeper.model.frozen import dataclass

_ALLOW = lazy_pattern(r"gatekeeper:\s*allow-secret\b[\s:,-]*(.*?)\s*(?:\*/|-->|$)")
_PLACEHOLDER = lazy_pattern(
    r"example|placeholder|dummy|changeme|your[_-]?|xxxx|\*{3}|\.\.\.|<[a-z_ -]+>"
    r"|0123456789|1234567890|abcdefgh|(.)\1{9}",
    re.I,
)
_PLAIN_PASSWORDS = frozenset(
    {"password", "passwd", "pass", "pwd", "secret", "pw", "test", "token", "user", "postgres", "root"}
)
_LOCAL_HOST = lazy_pattern(
    r"@(?:localhost|127\.|0\.0\.0\.0|host\b|hostname\b|db\b|redis\b|postgres\b|mysql\b|proxy\b|.*\.(?:test|local|invalid|example)\b)",
    re.I,
)
_KEY_BODY = lazy_pattern(r"(?:[\s\"'#>,+]|\\[nr])*(?:[A-Za-z0-9+/=]{40}|(?:Proc-Type|Version|Comment): )")
"""What follows the header of a real key; code that only looks for such headers has none."""
_MILD_OUTSIDE_SOURCE = frozenset({"private-key", "jwt", "url-password"})
_LONGEST_LINE = 20_000


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential on an added line; `masked` is the line without it. `allowed` is the reason given for keeping it."""

    rule: str
    message: str
    severity: Severity
    path: str
    line: int
    column: int
    masked: str
    allowed: str = ""


def secrets_in(file: FileChange) -> Iterator[Secret]:
    """The credentials on the added lines of a file.

    A private key, a web token or a URL with a password is medium in tests, docs and examples, where throw-away ones
    are common; all else is critical everywhere.
    """
    if file.text is None or not file.added_lines or not file.exists:
        return
    lines = file.text.split("\n")
    added = {number: lines[number - 1][:_LONGEST_LINE] for number in sorted(file.added_lines) if number <= len(lines)}
    patterns = credential_patterns("\n".join(added.values()))
    for number, line in added.items():
        following = lines[number] if number < len(lines) else ""
        yield from _on_line(file, number, line, following, patterns)


def _on_line(file: FileChange, number: int, line: str, following: str, patterns: Patterns) -> Iterator[Secret]:
    for rule, title, pattern in patterns:
        for match in pattern.finditer(line):
            key = rule != "private-key" or _KEY_BODY().match(line[match.end() :]) or _KEY_BODY().match(following)
            if not key or _is_placeholder(rule, match.group()):
                continue
            allow = _ALLOW().search(line)
            advice = "; a reason must follow `gatekeeper: allow-secret`" if allow and not allow[1] else ""
            mild = rule in _MILD_OUTSIDE_SOURCE and file.role in (Role.TEST, Role.DOCS, Role.EXAMPLE)
            yield Secret(
                rule=f"secret-{rule}",
                message=f"{title} stands in the source ({mask(match.group())}){advice}",
                severity=Severity.MEDIUM if mild else Severity.CRITICAL,
                path=file.path,
                line=number,
                column=match.start() + 1,
                masked=without_credentials(line).strip(),
                allowed=allow[1] if allow else "",
            )


def _is_placeholder(rule: str, secret: str) -> bool:
    if rule == "private-key":
        return False
    if rule == "url-password":
        password = secret.rpartition("@")[0].rpartition(":")[2]
        return password.lower() in _PLAIN_PASSWORDS or bool(
            _PLACEHOLDER().search(secret) or _LOCAL_HOST().search(secret)
        )
    return bool(_PLACEHOLDER().search(secret))
