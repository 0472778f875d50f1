from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.command_line import batches, expand, reads_of, wants_files

NAMES = st.lists(st.text(st.characters(exclude_characters="\0"), min_size=1, max_size=30), max_size=30)


@pytest.mark.parametrize(
    ("template", "files", "argv"),
    [
        ("mypy {files}", ["a.py", "b c.py"], ("mypy", "a.py", "b c.py")),
        ("mypy {files} --strict", ["-c.py"], ("mypy", "./-c.py", "--strict")),
        ("mypy '{files}'", ["a.py"], ("mypy", "a.py")),
        ("mypy src", ["a.py"], ("mypy", "src")),
        ("mypy {files}", [], ("mypy",)),
        ("x {file} {} {a,b} '$HOME' *", ["a"], ("x", "{file}", "{}", "{a,b}", "$HOME", "*")),
        ("a 'b c' \"d e\" f\\ g", [], ("a", "b c", "d e", "f g")),
        ("cut -d '|' {files}", ["a;rm -rf"], ("cut", "-d", "|", "a;rm -rf")),
    ],
)
def test_expand(template: str, files: list[str], argv: tuple[str, ...]) -> None:
    assert expand(template, files) == argv


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("mypy 'src", "split into words"),
        ("mypy --files={files}", "stand alone"),
        ("tsc && eslint {files}", "without a shell"),
        ("eslint . | tee log", "without a shell"),
        ("CI=1 jest", "`env`"),
    ],
)
def test_what_cannot_be_started_is_said_so(template: str, said: str) -> None:
    for attempt in (expand, batches):
        with pytest.raises(ValueError, match=said):
            attempt(template, ["a"])
    with pytest.raises(ValueError, match=said):
        wants_files(template)


def test_wants_files() -> None:
    assert wants_files("a {files}")
    assert not wants_files("a {file}")


@given(NAMES)
def test_every_file_is_an_argument_and_none_can_be_an_option(files: list[str]) -> None:
    argv = expand("tool --flag {files} end", files)
    assert len(argv) == len(files) + 3
    assert not any(word.startswith("-") for word in argv[2:-1])
    assert [word.removeprefix("./") for word in argv[2:-1]] == [file.removeprefix("./") for file in files]


@given(NAMES, st.integers(10, 200))
def test_batches_name_every_file_once_and_keep_to_the_limit(files: list[str], limit: int) -> None:
    parts = batches("t {files} -x", files, limit)
    assert [word for argv in parts for word in argv[1:-1]] == list(expand("t {files} -x", files)[1:-1])
    for argv in parts:
        assert (argv[0], argv[-1]) == ("t", "-x")
        size = sum(len(word.encode("utf-8", "surrogatepass")) + 1 for word in argv)
        assert size <= limit or len(argv) == 3


def test_batches_without_files() -> None:
    assert batches("jest --ci", ["a"] * 9, limit=1) == (("jest", "--ci"),)
    assert batches("eslint {files}", []) == ()
    assert batches("eslint {files} {files}", ["ab", "cd"], limit=12) == (
        ("eslint", "ab", "ab"), ("eslint", "cd", "cd"),
    )  # fmt: skip


def test_a_surrogate_of_a_name_that_is_no_utf8_is_kept() -> None:
    assert expand("t {files}", ["a\udcff"]) == ("t", "a\udcff")


@given(st.lists(st.text(min_size=1), min_size=1))
def test_quoted_words_come_back(words: list[str]) -> None:
    template = shlex.join(words)
    try:
        assert expand(template, []) == tuple(word for word in words if word != "{files}")
    except ValueError as error:
        assert "=" in words[0] or "{files}" in template or "split" in str(error) or "shell" in str(error)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        (None, ()),
        ("sarif", (("sarif", ""),)),
        (
            {"junit": "junit.xml", "lcov": "coverage/lcov.info"},
            (("junit", "junit.xml"), ("lcov", "coverage/lcov.info")),
        ),
        ({"lcov": None}, (("lcov", ""),)),
    ],
)
def test_reads_of(value: object, pairs: tuple[tuple[str, str], ...]) -> None:
    assert reads_of(value) == pairs


def test_reads_of_something_else_is_an_error() -> None:
    with pytest.raises(ValueError, match="reads"):
        reads_of(["sarif"])
