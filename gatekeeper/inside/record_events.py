"""Tells which functions Python enters, by the cheapest means that its version has; runs in the project's interpreter.

From Python 3.12 on that is `sys.monitoring`: each function is told once, until the next call of `again`. Older versions
have `sys.setprofile`, which tells every call and is slower.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, Callable, Set

Hear = Callable[[Any, Any], bool]
"""Takes the code and the frame that was entered; tells whether it wants to hear of the same code each time."""

TOOL_NUMBERS = (4, 3)  # those that Python gives to nobody


class Monitoring:
    """Hears of entered functions through `sys.monitoring`."""

    def __init__(self, hear: Hear) -> None:
        self.monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        self.hear = hear
        self.number = -1

    def start(self) -> bool:
        """Begin, if a tool number is free."""
        free = [number for number in TOOL_NUMBERS if self.monitoring.get_tool(number) is None]
        if not free:
            return False
        self.number = free[0]
        self.monitoring.use_tool_id(self.number, "gatekeeper")
        events = self.monitoring.events
        for event in (events.PY_START, events.PY_RESUME):
            self.monitoring.register_callback(self.number, event, self.entered)
        self.monitoring.set_events(self.number, events.PY_START | events.PY_RESUME)
        return True

    def entered(self, code: Any, offset: int) -> Any:
        """The callback; what it returns keeps Python from telling the same again."""
        return None if self.hear(code, sys._getframe(1)) else self.monitoring.DISABLE

    def again(self) -> None:
        """Hear of every function once more."""
        self.monitoring.restart_events()

    def is_heard(self) -> bool:
        """Whether nobody has switched the hearing off."""
        return bool(self.monitoring.get_tool(self.number) == "gatekeeper" and self.monitoring.get_events(self.number))

    def stop(self) -> None:
        """End, and give the number back."""
        if self.monitoring.get_tool(self.number) == "gatekeeper":
            self.monitoring.set_events(self.number, 0)
            self.monitoring.free_tool_id(self.number)


class Profiling:
    """Hears of entered functions through `sys.setprofile`, in every thread."""

    def __init__(self, hear: Hear) -> None:
        self.hear = hear
        self.known: Set[Any] = set()
        self.called = self.entered  # one object, to know it again

    def start(self) -> bool:
        """Begin, if nobody else profiles."""
        if sys.getprofile() is not None:
            return False
        threading.setprofile(self.called)
        sys.setprofile(self.called)
        return True

    def entered(self, frame: Any, event: str, argument: Any) -> None:
        """The callback."""
        if event == "call":
            code = frame.f_code
            if code not in self.known and not self.hear(code, frame):
                self.known.add(code)

    def again(self) -> None:
        """Hear of every function once more, also where a profiler of the project has taken the place meanwhile."""
        self.known.clear()
        sys.setprofile(self.called)

    def is_heard(self) -> bool:
        """Whether nobody has switched the hearing off."""
        return sys.getprofile() is self.called

    def stop(self) -> None:
        """End."""
        threading.setprofile(None)  # type: ignore[arg-type, unused-ignore]
        sys.setprofile(None)


def listener(hear: Hear) -> Any:
    """The means that this Python has: `start`, `again`, `is_heard`, `stop`."""
    return Monitoring(hear) if hasattr(sys, "monitoring") else Profiling(hear)
