"""Credentials on added lines: found by kind, never repeated, and examples let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.credentials import without_credentials
from gatekeeper.gates.review.secrets import secrets_in
from gatekeeper.model.finding import Severity
from tests.gates.review.runs import changed

# Put together here, so that no file of this project holds anything that looks like a credential.
BODY = "Zq8Kx2Lm9Wv4Rt7Yp3Nb6Hd1Jf5Gs0Ca"
KEY_HEADER = "-----BEGIN RSA PRIVATE " + "KEY-----"
PLANTED = {
    "secret-private-key": f"{KEY_HEADER}\\n{'MIIEowIBAAKCAQEA' * 4}",
    "secret-aws-key": "AK" + "IA" + "QZ7KW4RT7YP3NB6H",
    "secret-aws-secret": "aws_secret_access_key = " + BODY + "wJalrXUt",
    "secret-github-token": "gh" + "p_" + BODY + "Kx2L",
    "secret-gitlab-token": "gl" + "pat-" + BODY[:20],
    "secret-slack-token": "xo" + "xb-" + BODY,
    "secret-slack-webhook": "https://hooks.slack" + ".com/services/T0QZ7KW4R/B0QZ7KW4R/" + BODY[:24],
    "secret-stripe-key": "sk" + "_live_" + BODY[:24],
    "secret-google-key": "AI" + "za" + BODY + "Kx2",
    "secret-npm-token": "np" + "m_" + BODY + "Kx2L",
    "secret-pypi-token": "py" + "pi-AgEI" + BODY * 2,
    "secret-anthropic-key": "sk-" + "ant-api03-" + BODY * 2,
    "secret-openai-key": "sk-" + "proj-" + BODY + "T3Blbk" + "FJ" + BODY,
    "secret-sendgrid-key": "SG" + "." + BODY[:22] + "." + BODY + "Zq8Kx2Lm9Wv",
    "secret-jwt": "ey" + "J" + BODY + ".ey" + "J" + BODY + "." + BODY,
    "secret-url-password": "postgres" + "://admin:" + BODY[:12] + "@db7.corp.net/main",
}


@pytest.mark.parametrize(("rule", "secret"), PLANTED.items(), ids=PLANTED)
def test_each_kind_is_found_and_masked(rule: str, secret: str) -> None:
    found = list(secrets_in(changed("settings.ini", f"x = '{secret}'\n")))
    assert [(s.rule, s.severity, s.line) for s in found] == [(rule, Severity.CRITICAL, 1)]
    shown = found[0].message + found[0].masked
    assert secret not in shown
    assert secret[-12:] not in shown


@pytest.mark.parametrize(
    "line",
    [
        "AK" + "IAIOSFODNN7EXAMPLE",
        "gh" + "p_" + "x" * 36,
        f"if text.startswith('{KEY_HEADER}'):",
        "postgres://user:password@server/db",
        "https://user:${TOKEN}@server.net/",
        "redis://admin:Zq8Kx2Lm9@localhost:6379",
        "sha256:" + BODY,
        "git@github.com:owner/name.git",
        "http://[::1]:8080/a@b",
    ],
)
def test_examples_and_lookalikes_are_let_through(line: str) -> None:
    assert list(secrets_in(changed("a.txt", line + "\n"))) == []


def test_only_added_lines_are_searched() -> None:
    secret = PLANTED["secret-npm-token"]
    file = changed("a.txt", f"{secret}\nnew\n", f"{secret}\n")
    assert list(secrets_in(file)) == []


@pytest.mark.parametrize("secret", PLANTED.values(), ids=PLANTED)
def test_no_other_text_repeats_it(secret: str) -> None:
    text = f"   20     x = '{secret}'\n   21     y = 2"
    assert secret[-12:] not in without_credentials(text)
    assert without_credentials(text).splitlines()[1] == "   21     y = 2"


def test_the_lines_of_a_key_are_taken_out_too() -> None:
    body = "MIIEowIBAAKCAQEA" * 4
    text = f"   1 {KEY_HEADER}\n   2 {body}\n   3 -----END RSA PRIVATE KEY-----\n   4 {'a' * 64}"
    assert body not in without_credentials(text)
    assert "a" * 64 in without_credentials(text)
    assert body not in without_credentials(f"   2 {body}", of=text)


def test_throw_away_keys_in_tests_are_milder() -> None:
    text = f"{KEY_HEADER}\n{'MIIEowIBAAKCAQEA' * 4}\n"
    assert [s.severity for s in secrets_in(changed("tests/key.py", text))] == [Severity.MEDIUM]
    token = PLANTED["secret-github-token"] + "\n"
    assert [s.severity for s in secrets_in(changed("tests/key.py", token))] == [Severity.CRITICAL]


def test_a_reason_allows_and_its_lack_is_told() -> None:
    token = PLANTED["secret-npm-token"]
    assert [s.allowed for s in secrets_in(changed("a.py", f"{token}  # gatekeeper: allow-secret: revoked\n"))] == [
        "revoked"
    ]
    bare = next(iter(secrets_in(changed("a.py", f"{token}  # gatekeeper: allow-secret\n"))))
    assert not bare.allowed
    assert "a reason must follow" in bare.message


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    list(secrets_in(changed("a.txt", text)))
    without_credentials(text)
