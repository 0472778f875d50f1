"""Markdown from hostile reports stays text, judged with GitHub's own parser."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.markdown_text import block_lines, code, fence, prose
from gatekeeper.formats.report_markdown import report_markdown
from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.model.finding import Finding, Severity
from tests.reporters.sample import REPORT, REVIEW
from tests.strategies import HOSTILE, reports, texts

ALLOWED = {"p", "code", "pre", "strong", "h3", "table", "thead", "tbody", "tr", "th", "td"}
ALLOWED |= {"details", "summary", "ul", "li"}
SKIPPED_BY_FILTERS = {"code", "pre"}
LIVE = re.compile(
    r"@\w|#\d|\bGH-\d|https?://|www\.|\b(?=\d*[a-f])[0-9a-f]{7,40}\b|:\w+:|[\u202a-\u202e\u2066-\u2069\u200b]"
)


class Page(HTMLParser):
    """Which elements a page has, what text stands outside of code, and the cells of its rows."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.loose, self.attributes = [], set(), [], []
        self.rows = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.attributes += [name for name, _ in attrs if name != "align"]
        self.open.append(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        self.seen.add(f"<!--{data}-->")

    def handle_data(self, data):
        if not SKIPPED_BY_FILTERS & set(self.open):
            self.loose.append(data)


def page(markdown):
    html = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    return Page(html)


def assert_harmless(markdown):
    shown = page(markdown)
    assert shown.seen <= ALLOWED
    assert shown.attributes == []
    assert shown.open == []
    assert set(shown.rows) <= {5}
    for text in shown.loose:
        assert not LIVE.search(text), text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    assert_harmless(f"{code(text)}\n\n- {prose(text)}\n\n**x {prose(text)}**\n")
    assert_harmless(
        "| a | b | c | d | e |\n|---|---|---|---|---|\n" + f"| {code(text)} | {prose(text)} | c | d | e |\n"
    )
    assert_harmless("\n".join(fence(block_lines(text))))


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=4))
def test_prose_keeps_every_word(parts):
    text = " ".join(parts)
    assert_harmless(f"a {prose(text)}\n")


def test_plain_prose_is_readable():
    assert prose("weight 7 in 10 statements; 1 finding is high.") == "weight 7 in 10 statements; 1 finding is high."
    assert prose("see @team now") == "see <code>&#64;team</code> now"


def test_a_fence_is_longer_than_what_it_holds():
    assert fence(["````", "text"])[0] == "`````"


@settings(max_examples=60, deadline=None)
@given(reports(), st.booleans(), st.booleans())
def test_any_report_is_harmless(report, quiet, verbose):
    assert_harmless(report_markdown(report, ReporterOptions(quiet=quiet, verbose=verbose)))


def test_the_verdict_comes_first():
    markdown = report_markdown(REPORT, ReporterOptions())
    assert markdown.startswith("**Blocked: review and tests failed.**\n")
    assert markdown.index("### review") < markdown.index("### tests") < markdown.index("<details>")
    assert markdown.count("<details>") == 1


def test_quiet_leaves_out_what_passed():
    markdown = report_markdown(REPORT, ReporterOptions(quiet=True))
    assert "coverage" not in markdown.split("4 gates")[0]
    assert "<details>" not in markdown


def test_verbose_holds_commands():
    assert "/opt/gatekeeper/inside/run_tests.py" in report_markdown(REPORT, ReporterOptions(verbose=True))


def test_it_fits_into_a_comment():
    findings = tuple(
        Finding("review", "@" * 80, "@" * 5000, Severity.HIGH, "#" * 4000, n, detail="x" * 100_000 + "\ny" * 50)
        for n in range(200)
    )
    verdicts = tuple(replace(REVIEW, gate=f"g{n}", findings=findings) for n in range(6))
    for options in (ReporterOptions(), ReporterOptions(verbose=True)):
        assert len(report_markdown(replace(REPORT, verdicts=verdicts), options)) <= 65_000


def test_any_number_of_gates_fits_too():
    verdicts = tuple(replace(REVIEW, gate=f"g{n}", summary="@" * 300) for n in range(300))
    markdown = report_markdown(replace(REPORT, verdicts=(*verdicts, replace(REVIEW, gate="last"))), ReporterOptions())
    assert len(markdown) <= 60_000
    assert "The JSON report holds all that found no room here." in markdown
    assert_harmless(markdown)
