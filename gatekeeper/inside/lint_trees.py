"""Keeps the syntax trees of foreign sources ready for astroid, each as astroid itself would make it from the same text.

Such a tree hangs on the text, the name and the path of its module, and on nothing else: it is taken before astroid has
followed an import in it, inferred anything from it or let any other module write into it. Runs beside `lint.py` under
the project's interpreter; astroid is imported when it is known to be there.
"""

# Paths are texts here, as astroid has them.

from __future__ import annotations

import os
import resource
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Dict, List, Tuple

if TYPE_CHECKING:
    from gatekeeper.inside.lint_ground import is_installed
else:
    from lint_ground import is_installed

_MOST_KILOBYTES = 800 << 10
_MOST_SECONDS = 180.0
_LARGEST_SOURCE = 4 << 20

Source = Tuple[str, str]
"""The name of a module, and the path of its source."""


class Trees:
    """Hands a tree that is ready to astroid once, and notes which ones it had to make though they could be ready."""

    def __init__(self) -> None:
        self._ready: Dict[Source, Tuple[str, Any]] = {}
        self._made: List[Source] = []
        self._plain: Any = None

    @property
    def ready(self) -> List[Source]:
        """The sources of which a tree is ready."""
        return sorted(self._ready)

    @property
    def made(self) -> List[Source]:
        """The foreign sources of which this process, or the one that it was forked from, had to make the tree."""
        return list(self._made)

    def fill(self, sources: List[Source]) -> None:
        """Make trees until there is one of each source, or until that has taken too much memory or time."""
        from astroid.builder import AstroidBuilder, open_source_file  # type: ignore[import-untyped]
        from astroid.manager import AstroidManager  # type: ignore[import-untyped]

        builder = AstroidBuilder(AstroidManager())
        end = time.monotonic() + _MOST_SECONDS
        for name, path in sources:
            if resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > _MOST_KILOBYTES or time.monotonic() > end:
                return
            with suppress(Exception):  # what cannot be read here is met again by the look, and reported
                if os.path.isfile(path) and os.path.getsize(path) < _LARGEST_SOURCE:
                    stream, _, text = open_source_file(path)
                    stream.close()
                    self._ready[name, path] = (text, builder._data_build(text, name, path))

    def serve(self) -> None:
        """Have astroid ask here first, from now on."""
        from astroid.builder import AstroidBuilder

        self._plain = AstroidBuilder._data_build
        trees = self

        def data_build(builder: Any, data: str, modname: str, path: Any) -> Any:
            return trees._tree(builder, data, modname, path)

        AstroidBuilder._data_build = data_build

    def _tree(self, builder: Any, text: str, name: str, path: Any) -> Any:
        """The tree of a text; a second one of the same source is made anew, since astroid writes into the first."""
        seen, tree = self._ready.pop((name, path), ("", None))
        if tree is not None and seen == text:
            return tree
        if isinstance(path, str) and path.endswith(".py") and is_installed(path):
            self._made.append((name, path))
        return self._plain(builder, text, name, path)
