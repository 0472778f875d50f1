"""Figures and durations read well and never round a failure into a pass."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.durations import clock, duration, rough_duration
from gatekeeper.formats.figures import figure
from gatekeeper.model.verdict import Status, Verdict


def shown(measured, required, unit):
    return figure(Verdict("g", Status.PASSED, "", measured, required, unit))


@pytest.mark.parametrize(
    ("measured", "required", "unit", "text"),
    [
        (9.2, 7, "/10", "9.20/10 ≥ 7.00"),
        (6.999, 7, "/10", "6.999/10 < 7.00"),
        (82.4, 85, "%", "82.4 % < 85 %"),
        (84.97, 85, "%", "84.97 % < 85 %"),
        (85, 85, "%", "85.0 % ≥ 85 %"),
        (100, 92.5, "%", "100.0 % ≥ 92.5 %"),
        (491, 492, "tests", "491 < 492 tests"),
        (0, 0, "findings", "0 ≤ 0 findings"),
        (3, 0, "findings", "3 > 0 findings"),
        (492, None, "tests", "492 tests"),
        (9.5, None, "/10", "9.50/10"),
        (None, 85, "%", ""),
        (1200000, 1, "", "1200000 ≥ 1"),
        (float("nan"), 85, "%", "nan % < 85 %"),
    ],
)
def test_figure(measured, required, unit, text):
    assert shown(measured, required, unit) == text


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(("/10", "%", "tests", "findings")))
def test_the_shown_comparison_is_true(measured, required, unit):
    text = shown(measured / 10**4, required / 10**4, unit)
    left, sign, right = re.fullmatch(r"([\d.]+)\D*?(?:/10)? ([<>≥≤]) ([\d.]+).*", text.replace(" %", "")).groups()
    holds = {"<": left_of(left) < left_of(right), ">": left_of(left) > left_of(right)}
    holds |= {"≥": left_of(left) >= left_of(right), "≤": left_of(left) <= left_of(right)}
    assert holds[sign], text


def left_of(text):
    return float(text)


@pytest.mark.parametrize(
    ("seconds", "text", "rough", "ticking"),
    [
        (0, "0 ms", "0 s", "0:00"),
        (0.042, "42 ms", "0 s", "0:00"),
        (0.0996, "0.1 s", "0 s", "0:00"),
        (6.14, "6.1 s", "6 s", "0:06"),
        (59.96, "1 min 00 s", "59 s", "0:59"),
        (125, "2 min 05 s", "2 min 05 s", "2:05"),
        (3720, "1 h 02 min", "1 h 02 min", "1:02:00"),
        (-1, "0 ms", "0 s", "0:00"),
    ],
)
def test_durations(seconds, text, rough, ticking):
    assert (duration(seconds), rough_duration(seconds), clock(seconds)) == (text, rough, ticking)
