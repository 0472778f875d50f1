"""Finds credentials on added lines of text files by a few precise patterns, and never repeats them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gatekeeper.model.change import FileChange, Role
from gatekeeper.model.finding import Severity

_PATTERNS: tuple[tuple[str, str, str], ...] = (
    (
        "private-key",
        "a private key",
        r"-----BEGIN (?:(?:RSA|DSA|EC|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY(?: BLOCK)?-----",
    ),
    ("aws-key", "an AWS access key", r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    (
        "aws-secret",
        "an AWS secret key",
        r"(?i:aws_?secret_?(?:access_?)?key)[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9/+]{40}(?![\w/+])",
    ),
    ("github-token", "a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b"),
    ("gitlab-token", "a GitLab token", r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("slack-token", "a Slack token", r"\bxox[abeprs]-[A-Za-z0-9-]{20,}"),
    (
        "slack-webhook",
        "a Slack webhook",
        r"https://hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}",
    ),
    ("stripe-key", "a Stripe live key", r"\b[sr]k_live_[A-Za-z0-9]{20,}"),
    ("google-key", "a Google API key", r"\bAIza[A-Za-z0-9_-]{35}(?![\w-])"),
    ("npm-token", "an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("pypi-token", "a PyPI token", r"\bpypi-AgEI[A-Za-z0-9_-]{50,}"),
    ("anthropic-key", "an Anthropic key", r"\bsk-ant-[A-Za-z0-9-]{4,12}-[A-Za-z0-9_-]{60,}"),
    ("openai-key", "an OpenAI key", r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}"),
    ("sendgrid-key", "a SendGrid key", r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    ("jwt", "a JSON web token", r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    (
        "url-password",
        "a password in a URL",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'`<>{}$%]{1,80}:[^\s/:@\"'`<>{}$%]{3,80}@[\w.-]+",
    ),
)
_COMPILED = tuple((rule, title, re.compile(pattern)) for rule, title, pattern in _PATTERNS)
_ALLOW = re.compile(r"gatekeeper:\s*allow-secret\b[\s:,-]*(.*?)\s*(?:\*/|-->|$)")
_PLACEHOLDER = re.compile(
    r"example|placeholder|dummy|changeme|your[_-]?|xxxx|\*{3}|\.\.\.|<[a-z_ -]+>"
    r"|0123456789|1234567890|abcdefgh|(.)\1{9}",
    re.I,
)
_PLAIN_PASSWORDS = frozenset(
    {"password", "passwd", "pass", "pwd", "secret", "pw", "test", "token", "user", "postgres", "root"}
)
_LOCAL_HOST = re.compile(
    r"@(?:localhost|127\.|0\.0\.0\.0|host\b|hostname\b|db\b|redis\b|postgres\b|mysql\b|proxy\b|.*\.(?:test|local|invalid|example)\b)",
    re.I,
)
_KEY_BODY = re.compile(r"(?:[\s\"'#>,+]|\\[nr])*(?:[A-Za-z0-9+/=]{40}|(?:Proc-Type|Version|Comment): )")
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
    for number in sorted(file.added_lines):
        if number <= len(lines):
            following = lines[number] if number < len(lines) else ""
            yield from _on_line(file, number, lines[number - 1][:_LONGEST_LINE], following)


def _on_line(file: FileChange, number: int, line: str, following: str) -> Iterator[Secret]:
    allow = _ALLOW.search(line)
    for rule, title, pattern in _COMPILED:
        for match in pattern.finditer(line):
            key = rule != "private-key" or _KEY_BODY.match(line[match.end() :]) or _KEY_BODY.match(following)
            if not key or _is_placeholder(rule, match.group()):
                continue
            advice = "; a reason must follow `gatekeeper: allow-secret`" if allow and not allow[1] else ""
            mild = rule in _MILD_OUTSIDE_SOURCE and file.role in (Role.TEST, Role.DOCS, Role.EXAMPLE)
            yield Secret(
                rule=f"secret-{rule}",
                message=f"{title} stands in the source ({_mask(match.group())}){advice}",
                severity=Severity.MEDIUM if mild else Severity.CRITICAL,
                path=file.path,
                line=number,
                column=match.start() + 1,
                masked=hide(line),
                allowed=allow[1] if allow else "",
            )


def hide(line: str) -> str:
    """A line with everything in it masked that looks like a credential."""
    for _, _, pattern in _COMPILED:
        line = pattern.sub(lambda match: _mask(match.group()), line)
    return line.strip()


def _mask(secret: str) -> str:
    """The first four characters, which name the kind and not the value."""
    return secret if secret.startswith("-----BEGIN") else f"{secret[:4]}…"


def _is_placeholder(rule: str, secret: str) -> bool:
    if rule == "private-key":
        return False
    if rule == "url-password":
        password = secret.rpartition("@")[0].rpartition(":")[2]
        return password.lower() in _PLAIN_PASSWORDS or bool(_PLACEHOLDER.search(secret) or _LOCAL_HOST.search(secret))
    return bool(_PLACEHOLDER.search(secret))
