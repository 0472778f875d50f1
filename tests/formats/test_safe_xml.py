from __future__ import annotations

import pytest

from gatekeeper.formats.safe_xml import number, parse_xml
from gatekeeper.formats.unreadable import UnreadableReport

ROOTS = frozenset({"a"})
LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>
<a>&c;</a>"""


@pytest.mark.parametrize(
    "text",
    [
        "<a/>",
        "<?xml version='1.0' encoding='UTF-8'?>\n<!-- <!DOCTYPE x> -->\n<a/>",
        '<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>',
        "<!DOCTYPE a PUBLIC '-//X//Y' 'a.dtd' >\n<!-- c --><a/>",
        "<!DOCTYPE a><a/>",
        "<a><![CDATA[<!DOCTYPE html [ <!ENTITY x 'y'> ]>]]></a>",
        '<n:a xmlns:n="urn:n"/>',
        "<?xml version='1.0' encoding='UTF-16'?><a/>",
    ],
)
def test_what_is_read(text: str) -> None:
    assert parse_xml(text, "sample", ROOTS) is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (LAUGHS, "DOCTYPE"),
        ('<!DOCTYPE a SYSTEM "x" [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>', "DOCTYPE"),
        ("<!-- --><?p?><!DOCTYPE a [ ]><a/>", "DOCTYPE"),
        ("<!DOCTYPE a><!DOCTYPE a [<!ENTITY b 'x'>]><a>&b;</a>", "DOCTYPE"),
        ("<!doctype a><a/>", "DOCTYPE"),
        ("<a><b></a>", "no complete XML"),
        ("<a>", "no complete XML"),
        ("{}", "no complete XML"),
        ("<a>&b;</a>", "no complete XML"),
        ("<a>\0</a>", "no complete XML"),
        ("<a>\ud800</a>", "no complete XML"),
        ("<html/>", "<html>, not with <a>"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableReport, match=said):
        parse_xml(text, "sample", ROOTS)


def test_deep_nesting_is_no_trouble() -> None:
    depth = 20_000
    assert parse_xml("<a>" * depth + "</a>" * depth, "sample", ROOTS) is not None


@pytest.mark.parametrize(
    ("value", "count"), [("7", 7), (" 7 ", 7), ("", None), ("-1", None), ("1.5", None), ("٣", None), ("9" * 5000, None)]
)
def test_number(value: str, count: int | None) -> None:
    assert number(parse_xml(f'<a n="{value}"/>', "sample", ROOTS), "n") == count
