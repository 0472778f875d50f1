"""Tells of a function whether it may keep what it makes for later tests, and by which names it would ask for lines.

Runs in the project's interpreter.

What such a function calls is seen in the first test alone, although all later ones depend on it.
"""

from __future__ import annotations

import dis
import re
from typing import Any, Dict, List

REMEMBERING = re.compile(r"cache|memo|once|lazy|singleton|single_", re.IGNORECASE)
CHANGING = frozenset(("append", "add", "setdefault", "update", "insert", "extend", "put", "set", "appendleft", "push"))

# Names by which code asks for numbers of lines.
LINE_READERS = frozenset(
    (
        *("f_lineno", "tb_lineno", "co_firstlineno", "lineno", "getsource", "getsourcelines", "findsource", "stack"),
        *("getframeinfo", "extract_stack", "extract_tb", "format_exc", "format_exception", "print_exc", "findCaller"),
        *("print_exception", "currentframe", "_getframe", "co_positions", "co_lines", "linecache", "stacklevel"),
    )
)


def is_decorated(lines: List[str]) -> bool:
    """Whether a decorator's name speaks of remembering; `lines` are those from the first decorator on."""
    for line in lines:
        text = line.strip()
        if text.startswith("@") and REMEMBERING.search(text):
            return True
        if text.startswith(("def ", "async ", "class ")):
            return False
    return False


def stores_for_all(code: Any, names: Dict[str, Any]) -> bool:
    """Whether a function writes where other tests may look: a global, a class, a container of its module."""
    written = set(code.co_code[::2])
    if dis.opmap["STORE_GLOBAL"] in written:
        return True
    stores = dis.opmap["STORE_SUBSCR"] in written
    if code.co_varnames[:1] == ("cls",) and (stores or dis.opmap["STORE_ATTR"] in written):
        return True
    if not stores and CHANGING.isdisjoint(code.co_names):
        return False
    return any(is_container(names.get(name)) for name in code.co_names)


def is_container(value: Any) -> bool:
    """Whether this is something that keeps what is put into it."""
    kind = type(value)
    return not isinstance(value, type) and (hasattr(kind, "__setitem__") or hasattr(kind, "add"))
