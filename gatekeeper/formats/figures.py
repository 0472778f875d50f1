"""Figures of a verdict, measured against required, in a form that is true to the last digit shown."""

from __future__ import annotations

from gatekeeper.model.verdict import Verdict

_LESS_IS_BETTER = frozenset({"findings", "failures", "errors", "gaps", "problems"})


def figure(verdict: Verdict) -> str:
    """What was measured against what is required: "9.20/10 ≥ 7.00" or "82.4 % < 85 %"; empty without a figure.

    The two numbers get as many digits as it takes to tell them apart, so 84.97 % is never shown as 85.0 %.
    """
    measured, required, unit = verdict.measured, verdict.required, verdict.unit
    if measured is None:
        return ""
    if required is None:
        return _number(measured, unit, _least_digits(unit)) + _suffix(unit)
    sign = _sign(measured, required, unit)
    digits = next((d for d in range(_least_digits(unit), 7) if _tells(measured, required, d)), 7)
    shown = _number(measured, unit, digits)
    if unit == "/10":
        exact = round(required, 2) == required
        return f"{shown}/10 {sign} {_number(required, unit if exact else '', 2 if exact else 7)}"
    if unit == "%":
        return f"{shown} % {sign} {_number(required, '', 7)} %"
    return f"{shown} {sign} {_number(required, '', 7)}{_suffix(unit)}"


def _sign(measured: float, required: float, unit: str) -> str:
    if unit in _LESS_IS_BETTER:
        return "≤" if measured <= required else ">"
    return "≥" if measured >= required else "<"


def _least_digits(unit: str) -> int:
    return {"/10": 2, "%": 1}.get(unit, 0)


def _tells(measured: float, required: float, digits: int) -> bool:
    """Whether both numbers keep their order when the measured one is rounded."""
    rounded = round(measured, digits)
    return (rounded > required) == (measured > required) and (rounded < required) == (measured < required)


def _number(value: float, unit: str, digits: int) -> str:
    if unit in ("/10", "%"):
        return f"{value:.{digits}f}"
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _suffix(unit: str) -> str:
    if not unit or unit.startswith("/"):
        return unit
    return f" {unit}"
