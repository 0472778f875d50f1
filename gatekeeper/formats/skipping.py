"""Reads the wish to skip gates from the environment, and says when it is not granted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.errors import UsageError
from gatekeeper.model.frozen import dataclass

VARIABLE = "GATEKEEPER_SKIP"
REASON = "GATEKEEPER_SKIP_REASON"

_FORM = f'{VARIABLE}=docs,review {REASON}="why" git commit'
_NO = ("", "0", "false", "no", "off")
_RECEIVING = ("pre-receive", "update", "post-receive")
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class SkipWish:
    """The gates that a person wants to have skipped, and why, on one line; without gates there is no wish."""

    gates: tuple[str, ...] = ()
    reason: str = ""


def skip_wish(environment: Mapping[str, str]) -> SkipWish:
    """The wish that the environment expresses. Raises `UsageError` where it gives no reason."""
    names = tuple(dict.fromkeys(environment.get(VARIABLE, "").replace(",", " ").split()))
    if not names:
        return SkipWish()
    given = environment.get(REASON, "").strip()
    reason = fit(phrase(given), _LONGEST_REASON)
    if not any(map(str.isalnum, given)):
        raise UsageError(f"{VARIABLE} is set, and no reason is given", f"say why, for example: {_FORM}")
    return SkipWish(names, reason)


def check_names(wish: SkipWish, known: Iterable[str]) -> None:
    """Raise `UsageError` for a gate that there is not."""
    names = sorted(set(known))
    for name in wish.gates:
        if name not in names:
            raise UsageError(f"{VARIABLE} names no gate: {phrase(name)!r}", f"choose from {', '.join(names)}")


def is_automatic(environment: Mapping[str, str], hook: str) -> bool:
    """Whether no person sits at this run: it is in CI, or it judges a push that is being received."""
    in_ci = environment.get("CI", "").strip().lower() not in _NO
    return in_ci or hook in _RECEIVING or "GIT_QUARANTINE_PATH" in environment


def check_permission(allowed: bool | None, automatic: bool) -> None:
    """Raise `UsageError` where the policy does not grant the wish; unset, it grants it to people alone."""
    if allowed is False:
        raise UsageError(
            f"{VARIABLE} is set, and the configuration says `allow_skip: false`", f"run again without {VARIABLE}"
        )
    if automatic and not allowed:
        raise UsageError(
            f"{VARIABLE} is set, and no gate is skipped in CI or while a push is received",
            f"run again without {VARIABLE}, or have `allow_skip: true` in the configuration of the base",
        )
