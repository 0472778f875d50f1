"""Mends text whose UTF-8 was once taken for Mac Roman: `‚â•85%` is `≥85%` again."""

from __future__ import annotations

import re
from functools import cache

_PUNCTUATION = frozenset("«»…\u00a0“”‘’")


def mend_mac_roman(text: str) -> tuple[str, str]:
    """The text as it was meant, and in words what was mended; the text itself and no words where nothing was.

    Sequences of three or four characters are mended wherever they stand. Those of two are mended only where the whole
    text reads as UTF-8 when it is taken back to bytes, and where none of them begins with a mark of punctuation.
    """
    if text.isascii():
        return text, ""
    mended = _as_a_whole(text)
    if mended is None:
        mended = _patterns()[0].sub(lambda match: _meant(match[0]) or match[0], text)
    if mended == text:
        return text, ""
    return mended, _difference(text)


def _as_a_whole(text: str) -> str | None:
    long, short = _patterns()
    if any(match[1] in _PUNCTUATION for match in short.finditer(long.sub("", text))):
        return None
    return _meant(text)


def _meant(text: str) -> str | None:
    try:
        return text.encode("mac_roman").decode("utf-8")
    except UnicodeError:
        return None


def _difference(text: str) -> str:
    long, short = _patterns()
    found = long.search(text) or short.search(text)
    example = f" (`{found[0]}` is `{_meant(found[0])}`)" if found and (_meant(found[0]) or "").isprintable() else ""
    return f"its UTF-8 was once read as Mac Roman, and has been mended{example}; save the mended text"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What is mended wherever it stands, and what is mended with the whole text alone; hardly any text needs them."""
    high = bytes(range(0x80, 0x100)).decode("mac_roman")
    trail = "[" + re.escape(high[:0x40]) + "]"
    lead_of_two, lead_of_three, lead_of_four = map(re.escape, (high[0x42:0x60], high[0x60:0x70], high[0x70:0x75]))
    # Three or four such characters in this order do not occur in what people write.
    long = re.compile(f"[{lead_of_three}]{trail}{{2}}|[{lead_of_four}]{trail}{{3}}")
    # Two do: a quotation mark, an ellipsis, a guillemet or a no-break space before an accented letter
    # (`l’été`, `«État»`).
    return long, re.compile(f"([{lead_of_two}]){trail}")
