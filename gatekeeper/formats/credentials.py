"""Knows what credentials look like, and takes them out of every text that is shown."""

from __future__ import annotations

import re
from functools import cache

from gatekeeper.formats.lazy_pattern import lazy_pattern

_PATTERNS: tuple[tuple[str, str, tuple[str, ...], str], ...] = (
    (
        "private-key",
        "a private key",
        ("private key",),
        r"-----BEGIN (?:(?:RSA|DSA|EC|OPENSSH|ENCRYPTED|PGP) )?PRIVATE KEY(?: BLOCK)?-----",
    ),
    ("aws-key", "an AWS access key", ("akia", "asia"), r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    (
        "aws-secret",
        "an AWS secret key",
        ("aws",),
        r"(?i:aws_?secret_?(?:access_?)?key)[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9/+]{40}(?![\w/+])",
    ),
    (
        "github-token",
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b",
    ),
    ("gitlab-token", "a GitLab token", ("glpat-",), r"\bglpat-[A-Za-z0-9_-]{20,}"),
    ("slack-token", "a Slack token", ("xox",), r"\bxox[abeprs]-[A-Za-z0-9-]{20,}"),
    (
        "slack-webhook",
        "a Slack webhook",
        ("hooks.slack.com",),
        r"https://hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,}",
    ),
    ("stripe-key", "a Stripe live key", ("k_live_",), r"\b[sr]k_live_[A-Za-z0-9]{20,}"),
    ("google-key", "a Google API key", ("aiza",), r"\bAIza[A-Za-z0-9_-]{35}(?![\w-])"),
    ("npm-token", "an npm token", ("npm_",), r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("pypi-token", "a PyPI token", ("pypi-agei",), r"\bpypi-AgEI[A-Za-z0-9_-]{50,}"),
    ("anthropic-key", "an Anthropic key", ("sk-ant-",), r"\bsk-ant-[A-Za-z0-9-]{4,12}-[A-Za-z0-9_-]{60,}"),
    (
        "openai-key",
        "an OpenAI key",
        ("t3blbkfj",),
        r"\bsk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}",
    ),
    ("sendgrid-key", "a SendGrid key", ("sg.",), r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b"),
    ("jwt", "a JSON web token", ("eyj",), r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}"),
    (
        "url-password",
        "a password in a URL",
        ("://",),
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'`<>{}$%]{1,80}:[^\s/:@\"'`<>{}$%]{3,80}@[\w.-]+",
    ),
)
"""The rule, what it is in words, what stands in every text that holds one (in lower case), and the pattern."""

_KEY_HEADER = "PRIVATE KEY"
_KEY_LINE = lazy_pattern(r"[A-Za-z0-9+/=]{40,}")
_KEY = lazy_pattern(_PATTERNS[0][3] + r"[\s\S]*?(?=-----END |\Z)")

Patterns = tuple[tuple[str, str, re.Pattern[str]], ...]
"""The rule, what it is in words, and the pattern of some kinds of credentials."""


def credential_patterns(text: str) -> Patterns:
    """The patterns of every kind of credential that may stand in a text.

    A kind is left out where no mark of it stands there: hardly any text has one, and the patterns are slow.
    """
    folded = text.casefold()
    return tuple(
        (rule, title, _compiled(pattern))
        for rule, title, marks, pattern in _PATTERNS
        if any(mark in folded for mark in marks)
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def mask(credential: str) -> str:
    """The first four characters, which name the kind and not the value; the header of a private key is no value."""
    return credential if credential.startswith("-----BEGIN") else f"{credential[:4]}…"


def without_credentials(text: str, of: str = "") -> str:
    """The text with everything masked that looks like a credential; it keeps its lines.

    `of` is the whole text that this one was taken from: a line from within a private key tells nothing by itself.
    """
    if _KEY_HEADER in of:
        text = _KEY_LINE().sub(lambda line: mask(line.group()), text)
    elif _KEY_HEADER in text:
        text = _KEY().sub(lambda key: _KEY_LINE().sub(lambda line: mask(line.group()), key.group()), text)
    for _, _, pattern in credential_patterns(text):
        text = pattern.sub(lambda match: mask(match.group()), text)
    return text
