"""Knows whether what runs outlives the test: an import, or a function that remembers, is at work around it.

Runs in the project's interpreter. Functions go by the numbers of their code objects, which `record_ground.py` keeps
alive. That such a function ends is not told: it is seen when the next one is entered that could matter.
"""

from __future__ import annotations

import sys
from _thread import get_ident
from typing import Any, Callable, Dict, List, Set

IMPORTING = "<frozen importlib._bootstrap>"
MOST_RESTARTS = 20  # for one function that remembers, in one test
PATIENCE = 8  # functions that are known to be kept, and entered, before it is looked whether something is at work
NONE: Set[str] = set()
number_of = object.__hash__  # of an object, by its place; `id` would be heard by each audit hook


class Keeping:
    """The functions that keep something, and whether one is at work; `lines_of` gives the lines of a file of the tree.

    `may_be` tells that one may be at work, `simple` are the functions that keep nothing, whatever they are given.
    """

    def __init__(self, memory: Any, lasting: Any, is_own: Callable[[Any], bool], lines_of: Any) -> None:
        self.memory, self.lasting, self.is_own, self.lines_of = memory, lasting, is_own, lines_of
        self.simple: Set[int] = set()
        self.harmless: Set[int] = set()  # simple as long as there are no more objects that last
        lasting.told = self.doubt
        self.kept: Set[int] = set()  # the functions that ran below
        self.remembering: Dict[int, bool] = {}
        self.undecided: Dict[int, Set[str]] = {}  # what remembers if one of these names is of an object that lasts
        self.marking: Dict[int, Set[str]] = {}  # what is kept itself if one is, and nothing that it calls
        self.given: Set[int] = set()  # those that were given one in this test
        self.restarts: Dict[int, int] = {}
        self.sources: Dict[str, List[str]] = {}
        self.bottoms: Set[int] = set()  # what calls tests and fixtures: below it there is pytest alone
        self.again: Any = lambda known: None
        self.alive: List[Any] = []  # codes that may not have been entered yet, so that each number stays its own
        self.passed = 0
        self.may_be = True
        self.for_good = True  # and whether that holds until the test ends
        self.expecting: Set[int] = set()  # the threads in which one may be at work

    def begin_test(self) -> None:
        """A test begins: until it enters an import or something that remembers, nothing that it does is kept.

        Unless that is at work already, around the test or in a thread that an earlier one left behind.
        """
        self.restarts.clear()
        self.expecting = {thread for thread, frame in sys._current_frames().items() if self.is_at_work(frame)}
        self.may_be = bool(self.expecting)
        self.for_good = get_ident() in self.expecting
        if not self.expecting:
            self.given.clear()
        for code in self.lasting.cached():
            self.remembering[number_of(code)] = True
            self.simple.discard(number_of(code))
            self.alive.append(code)

    def end_test(self) -> None:
        """The test is over."""
        self.may_be = self.for_good = True

    def expect(self) -> None:
        """Something that remembers, or an import, is at work in this thread from now on."""
        self.expecting.add(get_ident())
        self.may_be = True
        self.for_good = self.for_good or not is_main_greenlet()

    def settle(self, number: int, frame: Any) -> None:
        """A function was entered that runs in this frame: it is kept, or else nothing is at work in this thread."""
        if number in self.kept:
            self.passed += 1
            if self.for_good or self.passed % PATIENCE:  # to look at frames is dear
                return
        if self.is_at_work(frame):
            self.kept.add(number)
        elif not self.for_good and is_main_greenlet():
            self.expecting.discard(get_ident())
            self.may_be = bool(self.expecting)

    def open_anew(self, number: int, remembers: bool) -> bool:
        """Hear of all that a remembering function calls; tells whether there is patience for a next time."""
        if not remembers and number not in self.undecided and number not in self.marking:
            return False
        self.restarts[number] = self.restarts.get(number, 0) + 1
        if remembers:
            self.again(self.kept)
            self.for_good = self.for_good or self.restarts[number] >= MOST_RESTARTS
        return self.restarts[number] < MOST_RESTARTS

    def is_at_work(self, frame: Any) -> bool:
        """Whether an import, or a function that remembers, is in this frame or below it."""
        remembering, given, bottoms = self.remembering, self.given, self.bottoms
        while frame is not None:
            code = frame.f_code
            number = number_of(code)
            if remembering.get(number) or number in given or code.co_filename == IMPORTING:
                return True
            if number in bottoms:
                return False
            frame = frame.f_back
        return False

    def remembers(self, code: Any, frame: Any, path: str, in_session: bool) -> bool:
        """Whether a function may keep what it made for later tests: a cache, a global, a shared container or object."""
        number = number_of(code)
        if number not in self.remembering:
            self.look(code, frame, path)
        if self.remembering[number] or number in self.given:
            return True
        if in_session:
            return False
        names, marked = self.undecided.get(number, NONE), self.marking.get(number, NONE)
        if names and self.lasting.is_given(names, frame):
            self.given.add(number)
            return True
        if marked and self.lasting.is_given(marked, frame):
            self.kept.add(number)
        elif names | marked == {"self"} and self.lasting.has_none_for(code):
            self.harmless.add(number)
            self.simple.add(number)
        return False

    def doubt(self) -> None:
        """There may be more objects that last."""
        self.simple -= self.harmless
        self.harmless.clear()

    def look(self, code: Any, frame: Any, path: str) -> None:
        """Find out what a function of the tree may write into."""
        number = number_of(code)
        self.remembering[number] = False
        if code.co_name == "<module>":
            return
        if path not in self.sources:
            self.sources[path] = self.lines_of(path)
        lines = self.sources[path]
        found = self.memory.writes(code, lines)
        names, marked = found.given(code) if found is not None else (set(), set())
        is_defined = not code.co_name.startswith("<")
        begin = lines[code.co_firstlineno - 1 : code.co_firstlineno + 9]
        decorators = self.memory.decorators(begin) if is_defined else ""
        if self.memory.stores_for_all(code, frame.f_globals, found, self.is_own) or decorators == "all":
            self.remembering[number] = True
        elif decorators == "own":
            names = names | set(code.co_varnames[:1])
        if names:
            self.undecided[number] = names
        if marked:
            self.marking[number] = marked
        if not names and not marked and not self.remembering[number]:
            self.simple.add(number)


def is_main_greenlet() -> bool:
    """Whether what is at work in this thread can be seen from here: greenlets have stacks of their own."""
    current = getattr(sys.modules.get("greenlet"), "getcurrent", None)
    return current is None or current().parent is None
