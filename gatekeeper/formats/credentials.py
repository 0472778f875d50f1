"""Knows what credentials look like, and takes them out of every text that is shown."""

from __future__ import annotations

import re
from functools import cache

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
_KEY_HEADER = "PRIVATE KEY"
_KEY_LINE = re.compile(r"[A-Za-z0-9+/=]{40,}")
_KEY = re.compile(_PATTERNS[0][2] + r"[\s\S]*?(?=-----END |\Z)")


@cache
def credential_patterns() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """The rule, what it is in words, and the pattern of every kind of credential."""
    return tuple((rule, title, re.compile(pattern)) for rule, title, pattern in _PATTERNS)


def mask(credential: str) -> str:
    """The first four characters, which name the kind and not the value; the header of a private key is no value."""
    return credential if credential.startswith("-----BEGIN") else f"{credential[:4]}…"


def without_credentials(text: str, of: str = "") -> str:
    """The text with everything masked that looks like a credential; it keeps its lines.

    `of` is the whole text that this one was taken from: a line from within a private key tells nothing by itself.
    """
    if _KEY_HEADER in of:
        text = _KEY_LINE.sub(lambda line: mask(line.group()), text)
    elif _KEY_HEADER in text:
        text = _KEY.sub(lambda key: _KEY_LINE.sub(lambda line: mask(line.group()), key.group()), text)
    for _, _, pattern in credential_patterns():
        text = pattern.sub(lambda match: mask(match.group()), text)
    return text
