"""What of an edited commit message is committed."""

from __future__ import annotations

import pytest

from gatekeeper.formats.commit_message import cleaned

CUT = "------------------------ >8 ------------------------"


@pytest.mark.parametrize(
    ("text", "comment", "wanted"),
    [
        ("One\n\nDocs: skip (why)\n# Docs: no\n", "#", "One\n\nDocs: skip (why)\n"),
        (f"One\n# {CUT}\n# below\ndiff\n Docs: skip (x)\n", "#", "One\n"),
        (f"One\n; c\n# kept\n; {CUT}\ndiff\n", ";", "One\n# kept\n"),
        (f"One\n# kept\n% {CUT}\ndiff\n", "auto", "One\n# kept\n"),
        ("# only\n\n", "#", ""),
        ("\n\nOne  \r\n", "#", "One\n"),
        ("// c\nOne", "//", "One\n"),
    ],
)
def test_comments_and_all_below_the_scissors_go(text: str, comment: str, wanted: str) -> None:
    assert cleaned(text, comment) == wanted
