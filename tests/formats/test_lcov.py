from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.lcov import read_lcov
from gatekeeper.formats.unreadable import UnreadableReport

FIXTURES = Path(__file__).parent / "fixtures"


def test_jest() -> None:
    (file,) = read_lcov((FIXTURES / "jest.lcov").read_text(), "/project")
    assert file.path == "src/price.ts"
    assert file.executed == {1, 2, 3, 5, 8}
    assert file.missing == {9, 10, 11, 12, 14}
    assert file.executed_branches == {(2, 0), (2, -1), (2, -2), (2, -3)}
    assert file.missing_branches == {(11, 0), (11, -1)}


def test_coverage_py() -> None:
    (file,) = read_lcov((FIXTURES / "coverage_py.lcov").read_text(), "/project")
    assert (file.path, file.missing) == ("src/shop.py", {6, 11, 12})
    assert (file.executed_branches, file.missing_branches) == ({(5, -1)}, {(5, 0)})


def test_records_of_one_file_are_merged_and_a_branch_that_never_ran_is_not_taken() -> None:
    record = "SF:{}\r\nDA:1,{}\r\nDA:2,0,checksum\r\nBRDA:1,0,0,-\r\nBRDA:1,0,1,{}\r\nend_of_record\r\n"
    text = "TN:one\n" + record.format("/r/a.c", 0, 0) + "TN:two\n" + record.format("a.c", "1e+06", 3)
    (file,) = read_lcov(text, "/r")
    assert (file.path, file.executed, file.missing) == ("a.c", {1}, {2})
    assert (file.executed_branches, file.missing_branches) == ({(1, -1)}, {(1, 0)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("TN:\n", "names no file"),
        ("hello", "names no file"),
        ("SF:a\nDA:1,1\n", "cut off"),
        ("SF:a\nDA:1,1\nSF:b\nend_of_record\n", "without an end before line 3"),
        ("DA:1,1\n", "outside of a record"),
        ("SF:a\nDA:1\nend_of_record", "line 2"),
        ("SF:a\nDA:x,1\nend_of_record", "line 2"),
        ("SF:a\nDA:1,\nend_of_record", "line 2"),
        ("SF:a\nBRDA:1,0,1\nend_of_record", "line 2"),
        ("SF:a\nBRDA:1,0,0,x\nend_of_record", "line 2"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableReport, match=said):
        read_lcov(text, "/r")


HITS = st.dictionaries(st.integers(1, 500), st.integers(0, 3), max_size=40)


@given(st.lists(st.tuples(st.sampled_from(["a.ts", "b.ts"]), HITS), min_size=1, max_size=5))
def test_a_line_ran_if_any_record_says_so(records: list[tuple[str, dict[int, int]]]) -> None:
    text = "".join(
        f"SF:{path}\n" + "".join(f"DA:{line},{hit}\n" for line, hit in hits.items()) + "end_of_record\n"
        for path, hits in records
    )
    for file in read_lcov(text, "/r"):
        own = [hits for path, hits in records if path == file.path]
        assert file.executed == {line for hits in own for line, hit in hits.items() if hit}
        assert file.executed | file.missing == {line for hits in own for line in hits}
        assert not file.executed & file.missing


@given(st.integers(0, 200))
def test_a_report_cut_anywhere_is_refused_or_says_no_less_of_its_files(cut: int) -> None:
    text = (FIXTURES / "jest.lcov").read_text()
    whole = text.rstrip("\n")
    try:
        files = read_lcov(text[:cut], "/project")
    except UnreadableReport:
        return
    assert cut >= len(whole) or not files
