"""The report on a run of pytest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.test_report import read_test_report
from gatekeeper.formats.unreadable import UnreadableReport

TEST = {"id": "t.py::a", "outcome": "passed", "seconds": 0.5, "message": "", "detail": "", "path": "", "line": None}
REPORT: dict[str, Any] = {
    "nonce": "n",
    "exit_status": 1,
    "seconds": 2.0,
    "collected": 3,
    "unseen": ["t.py::d"],
    "deselected": 0,
    "tests": [
        TEST,
        {**TEST, "id": "t.py::b", "outcome": "failed", "line": 4},
        {**TEST, "id": "t.py::c", "outcome": ""},
    ],
    "collection_errors": [],
    "warnings": 0,
    "workers": 0,
    "stopped": "",
    "rootdir": "/tree",
    "wrong_origins": [{"package": "app", "expected": "/a", "found": "/b"}],
    "measured": "",
    "measure_problem": "",
}


def test_a_report_is_read() -> None:
    report = read_test_report(json.dumps(REPORT), "n")
    assert [test.id for test in report.failures] == ["t.py::b", "t.py::c"]
    assert [test.outcome for test in report.tests] == ["passed", "failed", "error"]
    assert report.wrong_origins[0].found == "/b"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", '{"nonce": "n"}', json.dumps({**REPORT, "nonce": "m"})])
def test_what_cannot_be_trusted_is_refused(text: str) -> None:
    with pytest.raises(UnreadableReport):
        read_test_report(text, "n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(key=st.sampled_from(sorted(set(REPORT) - {"nonce"})), value=JSON)
def test_a_report_of_another_shape_is_refused_or_read_and_never_breaks(key: str, value: Any) -> None:
    try:
        read_test_report(json.dumps({**REPORT, key: value}), "n")
    except UnreadableReport as error:
        assert str(error)
