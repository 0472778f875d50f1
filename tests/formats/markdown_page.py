"""Reads Markdown as GitHub does, with its own parser, and holds what no foreign text may become."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import cmarkgfm
from cmarkgfm.cmark import Options

PLAIN = {"p", "code", "pre", "strong", "b", "sub", "a", "h4", "details", "summary", "ul", "li", "input"}
TABLE = {"table", "thead", "tbody", "tr", "th", "td"}
BOX = {("type", "checkbox"), ("checked", ""), ("disabled", "")}
LANGUAGES = {("lang", "mermaid"), ("lang", "text")}
LIVE = re.compile(
    r"@\w|#\d|\bGH-\d|https?://|www\.|\b(?=\d*[a-f])[0-9a-f]{7,40}\b|:\w+:|[\u202a-\u202e\u2066-\u2069\u200b]"
)
VOLATILE = {"v", "/v"}


class Page(HTMLParser):
    """The elements, attributes, comments and links of a page, and the text outside of code and links."""

    def __init__(self, markdown):
        super().__init__()
        self.open, self.seen, self.loose = [], [], []
        self.attributes, self.comments, self.links, self.rows = [], [], [], []
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.open.append(tag)
        for name, value in attrs:
            if (tag, name) == ("a", "href"):
                self.links.append(value)
            elif name != "align":
                self.attributes.append((name, value))
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        self.comments.append(data)

    def handle_data(self, data):
        if not {"code", "pre", "a"} & set(self.open):
            self.loose.append(data)


def assert_harmless(markdown, prefix, marker=None):
    """Only our own elements, links below `prefix`, no comment but the marker, and no text that a filter would take."""
    page = Page(markdown)
    assert set(page.seen) <= PLAIN | TABLE
    assert {pair for pair in page.attributes if pair != ("open", "")} - {("open", None)} <= BOX | LANGUAGES
    assert page.open == []
    assert set(page.rows) <= {5, 7}
    assert [text for text in page.comments if text not in VOLATILE] == ([marker] if marker else [])
    for link in page.links:
        assert link.startswith(prefix), link
        assert "/../" not in link
    for text in page.loose:
        assert not LIVE.search(text), text
    return page
