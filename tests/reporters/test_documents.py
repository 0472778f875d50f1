"""The reporters that write one document at the end."""

from __future__ import annotations

import io
import json

import pytest

from gatekeeper.formats.reporting import ReporterOptions
from gatekeeper.reporters import json as json_reporter
from gatekeeper.reporters import junit as junit_reporter
from gatekeeper.reporters import markdown as markdown_reporter
from gatekeeper.reporters import sarif as sarif_reporter
from tests.reporters.sample import events


def played(module, stream, **options):
    reporter = module.make(stream, ReporterOptions(**options))
    for _, event in events()[:-1]:
        reporter.on_event(event)
        assert stream.tell() == 0
    reporter.on_event(events()[-1][1])
    return stream


def test_json_is_one_document():
    document = json.loads(played(json_reporter, io.StringIO(), quiet=True).getvalue())
    assert document["schema"] == "gatekeeper.report/1"


def test_json_is_ascii():
    assert played(json_reporter, io.StringIO()).getvalue().isascii()


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_markdown_suits_the_stream(encoding):
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    played(markdown_reporter, stream)
    assert raw.getvalue().decode(encoding).startswith("**Blocked: review and tests failed.**\n")


def test_sarif_is_one_document():
    text = played(sarif_reporter, io.StringIO(), quiet=True).getvalue()
    assert json.loads(text)["version"] == "2.1.0"
    assert text.isascii()


def test_junit_is_one_document():
    text = played(junit_reporter, io.StringIO(), quiet=True).getvalue()
    assert text.startswith("<?xml version='1.0' encoding='us-ascii'?>\n<testsuites ")
    assert text.isascii()
