from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.formats.cobertura import read_cobertura
from gatekeeper.formats.unreadable import UnreadableReport

FIXTURES = Path(__file__).parent / "fixtures"


def report(classes: str, *sources: str) -> str:
    named = "".join(f"<source>{source}</source>" for source in sources)
    return f"<coverage><sources>{named}</sources><packages><package><classes>{classes}</classes></package></packages></coverage>"


def of(name: str, *lines: tuple[int, int]) -> str:
    inner = "".join(f"<line number='{number}' hits='{hits}'/>" for number, hits in lines)
    return f"<class filename='{name}'><lines>{inner}</lines></class>"


def test_jest_whose_report_names_a_dtd() -> None:
    text = (FIXTURES / "jest_cobertura.xml").read_text()
    assert "<!DOCTYPE" in text
    (file,) = read_cobertura(text, "/project")
    assert (file.path, file.executed, file.missing) == ("src/price.ts", {1, 2, 3, 5, 8}, {9, 10, 11, 12, 14})
    assert len(file.executed_branches) == 4
    assert file.missing_branches == {(11, 0), (11, -1)}


def test_coverage_py() -> None:
    (file,) = read_cobertura((FIXTURES / "coverage_py_cobertura.xml").read_text(), "/project")
    assert (file.path, file.missing) == ("src/shop.py", {6, 11, 12})
    assert (file.executed_branches, file.missing_branches) == ({(5, 0)}, {(5, -1)})


@pytest.mark.parametrize(
    ("sources", "paths"),
    [
        ((), ["a.c"]),
        (("",), ["a.c"]),
        ((".",), ["a.c"]),
        (("/r/src",), ["src/a.c"]),
        (("src",), ["src/a.c"]),
        (("/elsewhere",), ["/elsewhere/a.c"]),
        (("/r/src", "/r/lib", "/r/src"), ["src/a.c", "lib/a.c"]),
    ],
)
def test_sources(sources: tuple[str, ...], paths: list[str]) -> None:
    assert [file.path for file in read_cobertura(report(of("a.c", (1, 1)), *sources), "/r")] == paths


def test_an_absolute_name_needs_no_source() -> None:
    assert read_cobertura(report(of("/r/a.c", (1, 1)), "/x"), "/r")[0].path == "a.c"


def test_classes_and_methods_of_a_file_are_merged() -> None:
    inner = (
        "<class filename='a.c'><methods><method><lines><line number='3' hits='0'/></lines></method></methods></class>"
    )
    (file,) = read_cobertura(report(of("a.c", (1, 0), (2, 1)) + of("a.c", (1, 4)) + inner, "/r"), "/r")
    assert (file.executed, file.missing) == ({1, 2}, {3})


def test_with_several_sources_a_line_that_is_disputed_did_not_run() -> None:
    files = read_cobertura(report(of("a.c", (1, 0), (2, 1)) + of("a.c", (1, 4)), "/r/x", "/r/y"), "/r")
    assert [(file.executed, file.missing) for file in files] == [({2}, {1})] * 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<coverage/>", "names no file"),
        (report("<class name='a'/>"), "without a filename"),
        (report("<class filename='a'><lines><line hits='1'/></lines></class>"), "without a number"),
        (report("<class filename='a'><lines><line number='1' hits='x'/></lines></class>"), "without a number"),
        ("<testsuites/>", "testsuites"),
        ((FIXTURES / "jest_cobertura.xml").read_text()[:900], "no complete XML"),
    ],
)
def test_what_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableReport, match=said):
        read_cobertura(text, "/r")
