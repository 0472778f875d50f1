"""Durations as people read them."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """A measured time: "42 ms", "6.1 s", "2 min 05 s" or "1 h 02 min"."""
    seconds = max(seconds, 0.0)
    if seconds < 0.0995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    return _long(round(seconds))


def rough_duration(seconds: float) -> str:
    """A time that is still running, in whole seconds: "14 s", "2 min 05 s" or "1 h 02 min"."""
    whole = int(max(seconds, 0.0))
    return f"{whole} s" if whole < 60 else _long(whole)


def clock(seconds: float) -> str:
    """A time that is still running, in a form that does not change its width often: "0:03", "12:05" or "1:02:05"."""
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _long(whole: int) -> str:
    minutes, seconds = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {seconds:02} s"
