"""Turns the paths and URIs of a report into paths relative to the folder in which the tool ran."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_FILE = re.compile(r"file:(?://[^/]*)?(?=/)", re.IGNORECASE)


def placed(path: str, root: str) -> str:
    """A path of a report, relative to the absolute folder `root`; one outside of it stays absolute.

    Only the text is looked at: a link in the path is not followed. An empty path stays empty.
    """
    if not path:
        return ""
    whole = _normal(posixpath.join(root, path))
    inside = _normal(root).rstrip("/") + "/"
    return whole.removeprefix(inside) if whole.startswith(inside) else whole


def path_of_uri(uri: str) -> str:
    """The path that a file URI or a relative URI reference stands for, percent-encoding undone.

    Bytes that are not UTF-8 become lone surrogates, as in every path of the model. A URI of another scheme, which is
    no file of the project, comes out as an absolute path that nothing is stored at.
    """
    rest, files = _FILE.subn("", uri, count=1)
    if not files and _SCHEME.match(uri):
        return f"//{uri}"
    return unquote(rest, errors="surrogateescape")


def _normal(path: str) -> str:
    """The path without `.`, `..` and doubled slashes (POSIX lets two leading slashes stand, we do not)."""
    return re.sub(r"^//+", "/", posixpath.normpath(path))
