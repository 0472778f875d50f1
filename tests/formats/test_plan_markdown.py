"""A plan in Markdown: hostile names stay text, judged with GitHub's own parser."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.plan_markdown import LONGEST, plan_markdown
from gatekeeper.formats.plan_mermaid import MOST_NODES, plain_label, plan_flowchart
from gatekeeper.model.plan import Dependency
from tests.formats.plan_sample import PLAN, STREAMS
from tests.strategies import change_plans, texts

GOLDEN = Path(__file__).parent / "fixtures" / "plan.md"
ALLOWED = {"p", "code", "pre", "strong", "details", "summary", "ul", "li", "input"} | {
    "table", "thead", "tbody", "tr", "th", "td"
}  # fmt: skip
BOX = {("type", "checkbox"), ("checked", ""), ("disabled", "")}
LIVE = re.compile(
    r"@\w|#\d|\bGH-\d|https?://|www\.|\b(?=\d*[a-f])[0-9a-f]{7,40}\b|:\w+:|[\u202a-\u202e\u2066-\u2069\u200b]"
)
NODE = re.compile(r'  (w\d+)\["([A-Za-z0-9][A-Za-z0-9 ._/-]*)"\]')
EDGE = re.compile(r"  (w\d+) --> (w\d+)")


class Page(HTMLParser):
    """Which elements a page has, what text stands outside of code, the cells of its rows, and its code blocks."""

    def __init__(self, markdown):
        super().__init__()
        self.open, self.seen, self.loose, self.attributes = [], [], [], []
        self.rows, self.blocks = [], []
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += [pair for pair in attrs if pair[0] != "align"]
        self.open.append(tag)
        if tag == "tr":
            self.rows.append(0)
        if tag in ("td", "th"):
            self.rows[-1] += 1
        if tag == "pre":
            self.blocks.append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        self.seen.append(f"<!--{data}-->")

    def handle_data(self, data):
        if "pre" in self.open:
            self.blocks[-1] += data
        elif "code" not in self.open:
            self.loose.append(data)


def assert_harmless(markdown, plan):
    page = Page(markdown)
    assert set(page.seen) <= ALLOWED
    assert set(page.attributes) <= {("lang", "mermaid"), *BOX}
    assert page.open == []
    assert set(page.rows) <= {7}
    assert page.seen.count("table") == bool(plan.workstreams)
    assert len(page.blocks) <= 1
    for text in page.loose:
        assert not LIVE.search(text), text
    return page


def assert_chart(lines):
    assert lines[0] == "flowchart LR"
    nodes = [match[1] for line in lines if (match := NODE.fullmatch(line))]
    edges = [match.groups() for line in lines if (match := EDGE.fullmatch(line))]
    assert len(nodes) + len(edges) + 1 == len(lines)
    assert nodes == [f"w{number}" for number in range(1, len(nodes) + 1)]
    assert len(nodes) <= MOST_NODES
    assert {end for edge in edges for end in edge} <= set(nodes)
    assert len(set(edges)) == len(edges)


def test_the_section_as_it_is_read():
    assert plan_markdown(PLAN) == GOLDEN.read_text(encoding="utf-8")
    page = assert_harmless(plan_markdown(PLAN), PLAN)
    assert len(page.rows) == 6
    assert page.seen.count("details") == 3
    assert page.seen[:2] == ["p", "strong"]
    assert page.seen.index("table") < page.seen.index("details")


def test_the_chart_of_the_reference_example():
    assert plan_flowchart(PLAN) == [
        "flowchart LR",
        '  w1["w1 Page parameters on GET /users"]',
        '  w2["w2 Review of the users API"]',
        '  w3["w3 Tests of the users API"]',
        '  w4["w4 Docs of the users API"]',
        '  w5["w5 Validation of the whole judge"]',
        "  w1 --> w5",
        "  w2 --> w5",
        "  w3 --> w5",
        "  w4 --> w5",
    ]


def test_a_large_plan_has_a_node_for_each_pillar_and_phase():
    many = tuple(replace(stream, id=f"{stream.id}-{n}", needs=()) for n in range(20) for stream in STREAMS)
    last = replace(
        STREAMS[4], id="end", needs=(Dependency("w1-3", "declared", "x"), Dependency("w2-3", "declared", "x"))
    )
    lines = plan_flowchart(replace(PLAN, workstreams=(*many, last)))
    assert lines == [
        "flowchart LR",
        '  w1["20 workstreams - primary"]',
        '  w2["20 workstreams - review"]',
        '  w3["20 workstreams - tests"]',
        '  w4["20 workstreams - docs"]',
        '  w5["21 workstreams - validation judge"]',
        "  w1 --> w5",
        "  w2 --> w5",
    ]


@pytest.mark.parametrize(
    ("text", "label"),
    [("1. x", "1 x"), ("- x", "x"), ("end", "end"), ('"] --> w9', "w9"), ("a<br>b", "a br b"), ("1.5 x", "1.5 x")],
)
def test_a_label_is_never_a_list_or_markup(text, label):
    assert plain_label(text) == label


@settings(max_examples=300, deadline=None)
@given(texts)
def test_any_label_is_plain(text):
    assert re.fullmatch(r"([A-Za-z0-9][A-Za-z0-9 ._/-]*)?", plain_label(text))


@settings(max_examples=50, deadline=None)
@given(change_plans(), st.sampled_from([2_000, 6_000, LONGEST]))
def test_any_plan_is_harmless(plan, longest):
    markdown = plan_markdown(plan, longest)
    assert len(markdown) <= longest
    page = assert_harmless(markdown, plan)
    if page.blocks:
        assert_chart(page.blocks[0].rstrip("\n").split("\n"))


def test_long_scopes_are_counted_and_rows_cut():
    wide = replace(STREAMS[0], scope=tuple(f"src/{n}.py" for n in range(5000)))
    assert "and 4980 more" in plan_markdown(replace(PLAN, workstreams=(wide,)))
    many = tuple(replace(STREAMS[0], id=f"w{n}", title="@" * 100) for n in range(300))
    markdown = plan_markdown(replace(PLAN, workstreams=many))
    assert len(markdown) <= LONGEST
    assert re.search(r"And \d+ more workstreams\. The JSON form", markdown)


def test_no_work_is_said():
    markdown = plan_markdown(replace(PLAN, workstreams=()))
    assert markdown.startswith("**Plan: feature, nothing to do.**\n")
    assert "mermaid" not in markdown
