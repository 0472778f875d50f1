"""Tells in which order files of tests show a failure the soonest, by what is known of them and what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from gatekeeper.model.selection import NOT_PASSED, KnownTest, TestOrder


def order_of(
    tests: Mapping[str, KnownTest], reuse: Collection[str], failed: Iterable[str], changed: Iterable[str]
) -> TestOrder:
    """The order of all known and all changed files, each once.

    `failed` are further files with a test that did not pass the last time, beside those of `tests` that say so of
    themselves; `changed` those that the change touches. They come first, in this order; then come the files that are
    not known, and last the others. Where nothing else decides, the quickest file is before the others, by the seconds
    of its tests that are not among `reuse`.
    """
    seconds = _seconds(tests, frozenset(reuse))
    bad = {*failed, *(test.path for test in tests.values() if test.again.startswith(NOT_PASSED))}

    def quickest(paths: Iterable[str]) -> list[str]:
        return sorted(paths, key=lambda path: (seconds.get(path, 0.0), path))

    touched = set(changed) - bad
    return TestOrder((*quickest(bad), *quickest(touched)), tuple(quickest(seconds.keys() - bad - touched)))


def still_failed(before: Mapping[str, str], ran: Collection[str], bad: Mapping[str, str]) -> dict[str, str]:
    """The tests that did not pass when they last ran, each with its file, after a run: those of `before` that did not
    run in it, and those of `bad`, which did."""
    return {**{test: path for test, path in before.items() if test not in ran}, **bad}


def _seconds(tests: Mapping[str, KnownTest], reuse: frozenset[str]) -> dict[str, float]:
    """How long each file takes. One whose tests need not run at all counts as a whole: pytest may run them yet."""
    whole: dict[str, float] = {}
    running: dict[str, float] = {}
    for name, test in tests.items():
        whole[test.path] = whole.get(test.path, 0.0) + test.seconds
        if name not in reuse:
            running[test.path] = running.get(test.path, 0.0) + test.seconds
    return {**whole, **running}
