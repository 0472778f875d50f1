"""Decodes the bytes of a file that configures something, and tells where that fails."""

from __future__ import annotations

from gatekeeper.formats.located import UnreadableDocumentError

_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decoded(content: bytes, limit: int, remark: str = "") -> str:
    """The text of a UTF-8 file, with or without its mark, of at most `limit` bytes.

    Raises UnreadableDocumentError with the line, if it has one; `remark` is put behind the words on a file too large.
    """
    if len(content) > limit:
        raise UnreadableDocumentError(f"the file is larger than {limit // 1024} kB{remark}")
    if content.startswith(_WIDE_MARKS):
        raise UnreadableDocumentError("the file is UTF-16; save it as UTF-8", 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        line = content.count(b"\n", 0, trouble.start) + 1
        raise UnreadableDocumentError(
            f"byte 0x{content[trouble.start]:02x} is not UTF-8; save the file as UTF-8", line
        ) from trouble
