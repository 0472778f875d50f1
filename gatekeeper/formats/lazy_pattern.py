"""Regular expressions that are compiled when they are needed first: most runs need few of them.

Compiling takes a tenth of a millisecond to a whole one, and every commit would wait for what a module has at its top.
`re.search` with the text would do it late as well, but its own cache forgets, and is looked through at every call.
Patterns that nearly every run needs are compiled where they stand, as everywhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache


def lazy_pattern(text: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A function that gives the compiled pattern, always the same one; it raises re.error for a faulty text."""
    return cache(lambda: re.compile(text, flags))
