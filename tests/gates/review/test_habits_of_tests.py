"""What tests do on purpose does not block them, and what goes wrong in tests does."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.model.finding import Severity
from tests.gates.review.runs import review


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("import pickle\n\n\ndef again(thing):\n    return pickle.loads(pickle.dumps(thing))\n", "S301"),
        ("from jinja2 import Environment\n\n\ndef again():\n    return Environment()\n", "S701"),
        ("def same(one, other):\n    assert one == other\n", "S101"),
    ],
)
def test_what_tests_live_of(body: str, rule: str, tmp_path: Path) -> None:
    assert review(tmp_path / "test", {"tests/test_app.py": body}).findings == ()
    assert [finding.rule for finding in review(tmp_path / "app", {"app.py": body}).findings] == [rule]


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("def test_a():\n    assert 1\n\n\ndef test_a():\n    assert 2\n", Severity.HIGH),
        (
            "class TestA:\n    def test_a(self):\n        assert 1\n\n    def test_a(self):\n        assert 2\n",
            Severity.HIGH,
        ),
        (
            "def test_a():\n    class C:\n        x = 1\n\n    assert C\n\n    @str\n    class C:\n        x = 2\n\n    assert C\n",
            Severity.MEDIUM,
        ),
        (
            "def test_a():\n    def f():\n        return 1\n\n    assert f()\n\n    def f():\n        return 2\n\n    assert f()\n",
            Severity.MEDIUM,
        ),
    ],
)
def test_a_test_that_hides_another_blocks_and_a_helper_defined_anew_does_not(
    text: str, severity: Severity, tmp_path: Path
) -> None:
    (finding,) = review(tmp_path, {"tests/test_app.py": text}).findings
    assert (finding.rule, finding.severity) == ("function-redefined", severity)


def test_how_many_values_a_star_unpacks_is_a_guess(tmp_path: Path) -> None:
    text = (
        "import posixpath\n\n\ndef parts(path):\n    found = []\n    for part in path:\n        found += [part]\n"
        "    return found\n\n\ndef joined(path):\n    return posixpath.join(*parts(path))\n"
    )
    assert review(tmp_path / "star", {"app.py": text}).findings == ()
    plain = review(tmp_path / "plain", {"app.py": text.replace("*parts(path)", "")})
    assert [finding.rule for finding in plain.findings if finding.blocks] == ["no-value-for-parameter"]
