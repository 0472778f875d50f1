"""Collects which line follows which in a few files, through `sys.monitoring`; runs in the project's interpreter.

That is what coverage calls arcs, and what its branches are made of. On Python 3.12 and 3.13 its own means for them is
`sys.settrace`, which hears of every line of every file. What is collected here are the same arcs, down to the oddities:
the lines before and after a `yield` into which an exception is thrown are those that a tracer is told.
"""

from __future__ import annotations

import dis
import os
import sys
from _thread import get_ident
from importlib import import_module
from itertools import repeat, starmap
from operator import invert
from sys import _getframe  # a test may take it away
from typing import Any, Callable, Dict, Iterable, List, Optional, Set, Tuple

Arc = Tuple[int, int]

TOOL = "gatekeeper arcs"
GREENLETS = "greenlet._greenlet"  # the module that switches
TOOL_NUMBERS = (5, 2)  # coverage takes the first one, the recorder of the tests those that Python gives to nobody
RESUME = dis.opmap.get("RESUME", -1)
STEP = 0 if sys.version_info[:2] == (3, 13) else 2  # from where a suspended generator stands to where it goes on

SWITCHED_OFF = "something switched the measurement of branches off"
UNSEEN_GREENLETS = "greenlets came into use without being seen"
ADVICE = 'with `core = "ctrace"` in its settings, coverage measures branches by itself'

number_of = object.__hash__  # of an object, by its place; `id` would be heard by each audit hook


class Stacks(Dict[int, List[List[Any]]]):
    """The stacks of those that take turns, by their numbers; the stack of one who is new is what `begun` returns."""

    def __init__(self, begun: Callable[[int], List[List[Any]]]) -> None:
        self.begun = begun

    def __missing__(self, number: int) -> List[List[Any]]:
        self[number] = stack = self.begun(number)
        return stack


class Arcs:
    """The arcs of these files, from `start` to `stop`; `problem` says why they are not all there.

    `by_file` holds them under the real path of the file, from the first of its codes on that is entered. Each thread
    has a stack of the frames of these files, as a tracer has: a frame is left in the thread that it was entered in.
    From when the package greenlet is imported on it is each greenlet that has one, and a thread is its first greenlet.
    """

    def __init__(self, files: Iterable[str]) -> None:
        self.monitoring: Any = getattr(sys, "monitoring", None)
        self.files = {os.path.realpath(file) for file in files}
        self.by_file: Dict[str, Set[Arc]] = {}
        self.known: Dict[str, Optional[str]] = {}
        self.codes: Dict[int, Any] = {}  # alive, so that each number stays that of its code
        self.adds: Dict[int, Callable[[Arc], None]] = {}
        self.lines: Dict[int, Dict[int, int]] = {}
        self.first: List[List[Any]] = []  # the stack of the thread that started us
        self.stacks = Stacks(self.begun)
        self.whose: Callable[[], int] = get_ident  # tells whose turn it is
        self.current: Any = None  # gives the greenlet at work, where there are greenlets
        self.number = -1
        self.problem = ""

    @property
    def events(self) -> int:
        """What Python tells of all codes; of the last two it does so whether they are ours or not."""
        named = self.monitoring.events
        return int(named.PY_START | named.PY_UNWIND | named.PY_THROW)

    @property
    def local_events(self) -> int:
        """What Python tells of our codes alone."""
        named = self.monitoring.events
        return int(named.LINE | named.JUMP | named.PY_RETURN | named.PY_YIELD | named.PY_RESUME)

    def start(self) -> bool:
        """Begin, if there is a tool number that nobody uses."""
        self.number = next((n for n in TOOL_NUMBERS if self.monitoring.get_tool(n) is None), -1)
        if self.number < 0:
            return False
        if GREENLETS in sys.modules:
            self.heed_greenlets()
        self.stacks[self.whose()] = self.first
        self.monitoring.use_tool_id(self.number, TOOL)
        for event, called in self.callbacks().items():
            self.monitoring.register_callback(self.number, getattr(self.monitoring.events, event), called)
        self.monitoring.set_events(self.number, self.events)
        return True

    def callbacks(self) -> Dict[str, Any]:
        """What Python calls, by the name of the event."""
        return {**self.of_lines(), **self.of_entering(), **self.of_going_on(), **self.of_leaving()}

    def of_lines(self) -> Dict[str, Any]:
        """The callbacks for lines, which are called millions of times."""
        lines, disable, line, stack = self.lines, self.monitoring.DISABLE, self.line, self.first

        def line_of_the_first(code: Any, number: int) -> None:
            entry = stack[-1]
            entry[1]((entry[0], number))
            entry[0] = number

        def jumped(code: Any, offset: int, target: int) -> Any:
            of_code = lines[number_of(code)]
            number = of_code.get(target)
            if target > offset or number is None or number != of_code.get(offset):
                return disable  # there will be word of the line
            return line(code, number)

        return {"LINE": line_of_the_first, "JUMP": jumped}

    def line(self, code: Any, number: int) -> None:
        """The callback for lines where several take turns."""
        entry = self.stacks[self.whose()][-1]
        entry[1]((entry[0], number))
        entry[0] = number

    def begun(self, number: int) -> List[List[Any]]:
        """The stack of a thread or greenlet that is new here: from now on each line asks whose it is.

        The first greenlet of a thread goes on with the stack that its thread had before there were greenlets.
        """
        thread = get_ident()
        if number < 0 and thread in self.stacks and self.current().parent is None:
            self.stacks[number] = stack = self.stacks[thread]  # at no time there are no stacks
            del self.stacks[thread]  # another thread may get its number
            return stack
        self.monitoring.register_callback(self.number, self.monitoring.events.LINE, self.line)
        return []

    def heed_greenlets(self) -> None:
        """Greenlets take turns from now on; each has a number that no thread has, and none is kept alive by us.

        The number is found without a frame of Python, which would have the code reach the limit of recursion sooner.
        """
        try:
            self.current = import_module(GREENLETS).getcurrent
        except (ImportError, AttributeError):  # there will be none
            return
        self.whose = map(invert, map(number_of, starmap(self.current, repeat(())))).__next__

    def of_entering(self) -> Dict[str, Any]:
        """The callback for frames that begin; the entry of a frame is its last line, a set's `add`, and its code."""
        stacks, adds, disable = self.stacks, self.adds, self.monitoring.DISABLE

        def entered(code: Any, offset: int) -> Any:
            add = adds.get(number_of(code)) or self.take(code)
            if add is None:
                return disable
            stacks[self.whose()].append([-code.co_firstlineno, add, code])
            return None

        return {"PY_START": entered}

    def of_going_on(self) -> Dict[str, Any]:
        """The callbacks for generators that go on."""
        stacks, adds, lines = self.stacks, self.adds, self.lines

        def resumed(code: Any, offset: int) -> None:
            number = number_of(code)
            stacks[self.whose()].append([lines[number].get(offset, 0), adds[number], code])

        def thrown(code: Any, offset: int, exception: Any) -> None:
            if number_of(code) in adds:
                resumed(code, offset)
                if code.co_code[offset + 1] == 0:  # the tracer takes some `yield` for the begin of a function
                    stacks[self.whose()][-1][0] = -code.co_firstlineno

        return {"PY_RESUME": resumed, "PY_THROW": thrown}

    def of_leaving(self) -> Dict[str, Any]:
        """The callbacks for frames that end or wait."""
        stacks, adds = self.stacks, self.adds

        def returned(code: Any, offset: int, value: Any) -> None:
            stack = stacks[self.whose()]
            entry = stack.pop() if stack and stack[-1][2] is code else self.left(code)
            entry[1]((entry[0], -code.co_firstlineno))

        def unwound(code: Any, offset: int, exception: Any) -> None:
            if number_of(code) in adds:
                stack, instructions = stacks[self.whose()], code.co_code
                entry = stack.pop() if stack and stack[-1][2] is code else self.left(code)
                try:
                    last = _getframe(1).f_lasti
                except RecursionError:  # an audit hook had no room for a frame
                    last = offset
                if last + 2 == len(instructions) or instructions[last + STEP] != RESUME:
                    entry[1]((entry[0], -code.co_firstlineno))

        def yielded(code: Any, offset: int, value: Any) -> None:
            stack = stacks[self.whose()]
            if stack and stack[-1][2] is code:
                stack.pop()
            else:
                self.left(code)

        return {"PY_RETURN": returned, "PY_UNWIND": unwound, "PY_YIELD": yielded}

    def take(self, code: Any) -> Optional[Callable[[Arc], None]]:
        """Listen to a code that is entered for the first time; None where it is of another file."""
        name = code.co_filename
        if name not in self.known:
            module = _getframe(2).f_globals
            if module.get("__name__") == "greenlet" and self.current is None:
                self.heed_greenlets()  # while it is being imported, so that no greenlet has had a turn
            place = self.place_of(name, module.get("__file__"))
            self.known[name] = place if place in self.files else None
        file = self.known[name]
        if file is None:
            return None
        number = number_of(code)
        try:
            self.monitoring.set_local_events(self.number, code, self.local_events)
        except ValueError:  # somebody gave our number back
            self.problem = SWITCHED_OFF
            return None
        self.codes[number] = code
        self.lines[number] = {
            offset: line for begin, end, line in code.co_lines() if line for offset in range(begin, end, 2)
        }
        add = self.adds[number] = self.by_file.setdefault(file, set()).add
        return add

    @staticmethod
    def place_of(name: str, module: Any) -> str:
        """The file of a code, as coverage has it: a file that was moved since it was compiled is that of its module."""
        if name.startswith("<"):
            return ""
        is_moved = isinstance(module, str) and os.path.basename(module) == os.path.basename(name)
        return os.path.realpath(module if is_moved else name)

    def left(self, code: Any) -> List[Any]:
        """The entry of a frame that is left and is not the one on top of the stack whose turn it is.

        One that is not there at all was interrupted while we were told of it.
        """
        stack = self.stacks[self.whose()]
        places = [place for place, entry in enumerate(stack) if entry[2] is code]
        if not places:
            return [0, set().add, code]
        self.problem = "a frame of {} was left that Python did not tell of".format(code.co_filename)
        entry = stack[places[-1]]
        del stack[places[-1] :]
        return entry

    def stop(self) -> None:
        """End, and give the number back."""
        if self.monitoring.get_tool(self.number) != TOOL or self.monitoring.get_events(self.number) != self.events:
            self.problem = self.problem or SWITCHED_OFF
            return
        if GREENLETS in sys.modules and self.current is None:
            self.problem = self.problem or UNSEEN_GREENLETS
        self.monitoring.set_events(self.number, 0)
        for code in self.codes.values():
            self.monitoring.set_local_events(self.number, code, 0)
        for event in self.callbacks():
            self.monitoring.register_callback(self.number, getattr(self.monitoring.events, event), None)
        self.monitoring.free_tool_id(self.number)

    def save(self, seen: Any, place: str) -> str:
        """Write what was collected, as coverage writes it, to a file of this process; returns why that cannot be.

        `seen` is the data of coverage on lines. It says which files are measured, and which lines must be among ours;
        of files that are not ours no branches are told.
        """
        from coverage import CoverageData

        arcs: Dict[str, Set[Arc]] = {}
        for file in seen.measured_files():
            lines = set(seen.lines(file) or ())
            arcs[file] = self.by_file.get(file, set()) if file in self.files else {(line, line) for line in lines}
            if not lines <= {line for arc in arcs[file] for line in arc}:
                self.problem = self.problem or "lines of {} were run unseen".format(file)
        if self.problem:
            return "{}; {}".format(self.problem, ADVICE)
        data = CoverageData(basename=place, suffix=True)
        data.add_arcs(arcs)
        data.touch_files(sorted(arcs))  # also one that nothing was run of
        data.write()
        return ""
