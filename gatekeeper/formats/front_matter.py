"""Splits a Markdown file into its YAML front matter, with the line of every key, and its body."""

from __future__ import annotations

from collections.abc import Callable

from gatekeeper.formats.config_errors import shown
from gatekeeper.formats.decoded_text import decoded
from gatekeeper.formats.located import UNUSABLE, Located, UnreadableDocumentError
from gatekeeper.formats.mac_roman import mend_mac_roman
from gatekeeper.model.frozen import dataclass

SIZE_LIMIT = 256 * 1024
ReadYaml = Callable[[str], Located]
"""Reads a YAML document, or remembers what it holds. Raises `UnreadableDocumentError` where it cannot be parsed."""

_FENCE = "---"


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The mapping of a file's head with its places (lines of the file), the body behind it, and notes on the reading.

    A value that cannot be used is left out of the mapping and stands among the problems of `located`.
    """

    located: Located
    body: str
    notes: tuple[str, ...] = ()


def parsed_yaml(text: str) -> Located:
    """What a YAML document holds."""
    from gatekeeper.formats.yaml_places import read_yaml  # noqa: PLC0415 - yaml costs 15 ms

    return read_yaml(text)


def read_front_matter(content: bytes, read: ReadYaml = parsed_yaml) -> FrontMatter:
    """The front matter of a file, its YAML read by `read`.

    A byte order mark, CRLF and UTF-8 that was mangled through Mac Roman are read. Raises `UnreadableDocumentError`
    with the line where the bytes are no UTF-8, where the front matter is missing, has no end, or is not a mapping.
    """
    text, mended = mend_mac_roman(decoded(content, SIZE_LIMIT))
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    head, body = _split(text)
    # The blank line stands for the fence, so that the lines are those of the file.
    located = read("\n" + head)
    if not isinstance(located.data, dict):
        kind = "empty" if located.data is None else f"{shown(located.data)}, not a mapping of keys to values"
        raise UnreadableDocumentError(f"the front matter is {kind}", located.line_of(()) if located.data else 1)
    data = {key: value for key, value in located.data.items() if value is not UNUSABLE}
    usable = Located(data, located.places, located.problems)
    return FrontMatter(usable, body, (mended,) if mended else ())


def _split(text: str) -> tuple[str, str]:
    lines = text.split("\n")
    if lines[0].rstrip() != _FENCE:
        raise UnreadableDocumentError(f"there is no front matter: the first line must be `{_FENCE}`", 1)
    for number, line in enumerate(lines[1:], 1):
        if line.rstrip() == _FENCE:
            return "\n".join(lines[1:number]), "\n".join(lines[number + 1 :]).strip("\n")
    raise UnreadableDocumentError(f"the front matter has no end: a line `{_FENCE}` must close it", 1)
