"""What was done on behalf of one test, of one fixture, or of the session; runs in the project's interpreter."""

from __future__ import annotations

from typing import Any, Dict, Set, Tuple

Function = Tuple[str, int, bool]
"""A file of the tree, the first line of a function in it, and whether that asks for numbers of lines."""


class Bucket:
    """What was done on behalf of one test, of one fixture, or of the session; `everything` says why it is unclear."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.codes: Set[int] = set()
        self.reads: Set[str] = set()
        self.lists: Set[str] = set()
        self.uses: Set[int] = set()
        self.texts: Set[str] = set()  # what `record_texts.py` tells
        self.everything = ""
        self.starts = False  # processes of which it is seen what they read

    def parts(self) -> Tuple[Any, ...]:
        """All that the bucket holds; that of another one is equal where both would be reported alike."""
        sets: Tuple[Set[Any], ...] = (self.codes, self.reads, self.lists, self.uses, self.texts)
        return (*(frozenset(each) for each in sets), self.everything, self.starts)

    def report(self, functions: Dict[int, Function]) -> Dict[str, Any]:
        """The bucket as JSON can say it; `functions` are those that the numbers stand for."""
        entered: Dict[str, Set[int]] = {}
        lines = False
        for number in self.codes:
            path, line, asks = functions[number]
            entered.setdefault(path, set()).add(line)
            lines = lines or asks
        return {
            "entered": {path: sorted(places) for path, places in sorted(entered.items())},
            "reads": sorted(self.reads),
            "lists": sorted(self.lists),
            "uses": sorted(self.uses),
            "texts": sorted(self.texts),
            "everything": self.everything,
            "starts": self.starts,
            "lines": lines,
        }
