"""Makes the links of a comment: to a line of a file at a commit, and to a run."""

from __future__ import annotations

import re
from urllib.parse import quote

from gatekeeper.formats.terminal_text import name_bytes
from gatekeeper.model.comment_context import CommentContext

_URL = re.compile(
    r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?(\?[A-Za-z0-9=&._~-]*)?(#[A-Za-z0-9._~-]*)?"
)
_STEPS = frozenset({"", ".", ".."})
_LONGEST = 2_000


def blob_link(context: CommentContext | None, path: str, line: int | None, end_line: int | None = None) -> str:
    """The address of a file as it was judged, with its lines; empty where none can be made that leads there alone.

    A path with a step such as `..` could lead a browser to another repository of the same server.
    """
    if context is None or not path or _STEPS & {*path.split("/"), *context.repository.split("/")}:
        return ""
    place = quote(name_bytes(path), safe="/")
    lines = f"#L{line}" if line else ""
    if line and end_line and end_line > line:
        lines += f"-L{end_line}"
    link = f"{context.server}/{context.repository}/blob/{context.judged_sha or context.head_sha}/{place}"
    return link + lines if len(link) <= _LONGEST and _URL.match(context.server) else ""


def run_link(context: CommentContext | None) -> str:
    """The address of the run; empty where it is none that can stand in Markdown."""
    if context is None or len(context.run_url) > _LONGEST or not _URL.fullmatch(context.run_url):
        return ""
    return context.run_url
