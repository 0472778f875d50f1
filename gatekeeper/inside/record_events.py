"""Tells which functions Python enters, by the cheapest means that its version has; runs in the project's interpreter.

From Python 3.12 on that is `sys.monitoring`: each function is told once, until the next call of `again`. Older versions
have `sys.setprofile`, which tells every call and is slower.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, Container, Dict, List

TOOL_NUMBERS = (3, 4)  # those that Python gives to nobody
number_of = object.__hash__  # of an object, by its place; `id` would be heard by each audit hook


class Monitoring:
    """Hears of entered functions through `sys.monitoring`.

    One tool hears of every code once, and is never asked again. The codes of interest are handed to a second tool,
    which alone is set anew: to restart all events would tell everything that pytest and the standard library enter.
    """

    def __init__(self, ground: Any) -> None:
        self.monitoring: Any = sys.monitoring  # type: ignore[attr-defined, unused-ignore]
        self.ground, self.hear = ground, ground.hear
        self.finder, self.follower = TOOL_NUMBERS
        self.events = self.monitoring.events.PY_START | self.monitoring.events.PY_RESUME
        self.heard: List[Any] = []  # a code is told once until it is set anew
        self.put_off: List[Any] = []  # what is not told again in this test

    def start(self) -> bool:
        """Begin, if the tool numbers are free."""
        if any(self.monitoring.get_tool(number) is not None for number in TOOL_NUMBERS):
            return False
        named = self.monitoring.events
        for number, called in ((self.finder, self.found), (self.follower, self.follow())):
            self.monitoring.use_tool_id(number, "gatekeeper")
            for event in (named.PY_START, named.PY_RESUME):
                self.monitoring.register_callback(number, event, called)
        self.monitoring.set_events(self.finder, self.events)
        return True

    def found(self, code: Any, offset: int) -> Any:
        """A code is entered for the first time."""
        answer = self.hear(code, None)
        if answer is not None:
            self.monitoring.set_local_events(self.follower, code, self.events)
            self.heard.append(code)
        return self.monitoring.DISABLE

    def follow(self) -> Any:
        """The callback for codes of interest; what it returns keeps Python from telling the same again.

        Most of what happens in it is that a function which keeps nothing is entered: that must be quick.
        """
        ground, keeping, hear, disable = self.ground, self.ground.keeping, self.hear, self.monitoring.DISABLE

        def entered(code: Any, offset: int) -> Any:
            number = number_of(code)
            if number in keeping.simple and not keeping.may_be:
                ground.credit(number)
            elif hear(code, None):
                return None
            self.heard.append(code)
            return disable

        return entered

    def again(self, known: Container[int] = ()) -> None:
        """Hear of every function of interest once more, but for those whose numbers are known."""
        codes, self.heard = self.heard, []
        if not known:
            codes += self.put_off
            self.put_off = []
        set_events, follower, events = self.monitoring.set_local_events, self.follower, self.events
        for code in codes:
            if known and number_of(code) in known:
                self.put_off.append(code)
            else:
                set_events(follower, code, 0)
                set_events(follower, code, events)

    def is_heard(self) -> bool:
        """Whether nobody has switched the hearing off."""
        tools = all(self.monitoring.get_tool(number) == "gatekeeper" for number in TOOL_NUMBERS)
        return bool(tools and self.monitoring.get_events(self.finder) == self.events)

    def stop(self) -> None:
        """End, and give the numbers back."""
        for number in TOOL_NUMBERS:
            if self.monitoring.get_tool(number) == "gatekeeper":
                self.monitoring.set_events(number, 0)
                for event in (self.monitoring.events.PY_START, self.monitoring.events.PY_RESUME):
                    self.monitoring.register_callback(number, event, None)
                self.monitoring.free_tool_id(number)


class Profiling:
    """Hears of entered functions through `sys.setprofile`, in every thread."""

    def __init__(self, ground: Any) -> None:
        self.hear = ground.hear
        self.known: Dict[int, Any] = {}
        self.never: Dict[int, Any] = {}
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
            number = number_of(code)
            if number in self.known or number in self.never:
                return
            answer = self.hear(code, frame)
            if not answer:
                (self.never if answer is None else self.known)[number] = code  # alive, so that the number stays its own

    def again(self, known: Container[int] = ()) -> None:
        """Hear of every function once more, also where a profiler of the project has taken the place meanwhile."""
        self.known = {number: code for number, code in self.known.items() if number in known}
        sys.setprofile(self.called)

    def is_heard(self) -> bool:
        """Whether nobody has switched the hearing off."""
        return sys.getprofile() is self.called

    def stop(self) -> None:
        """End."""
        threading.setprofile(None)  # type: ignore[arg-type, unused-ignore]
        sys.setprofile(None)


def listener(ground: Any) -> Any:
    """The means that this Python has: `start`, `again`, `is_heard`, `stop`. The `ground` hears of what is entered."""
    return Monitoring(ground) if hasattr(sys, "monitoring") else Profiling(ground)
