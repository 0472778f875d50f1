"""Front matter of any shape and encoding is read, or refused with a line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.formats.front_matter import read_front_matter
from gatekeeper.formats.located import UnreadableDocumentError
from gatekeeper.formats.mac_roman import mend_mac_roman

PLAIN = "---\nname: a\nlist:\n  - x\n---\n\n# Title\n\ntext\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace("---\n", "---  \t\n").encode(),
        PLAIN.replace("\n", "\r\n").encode("utf-8-sig").decode("mac_roman").encode(),
    ],
    ids=["plain", "mark", "crlf", "cr", "blanks behind the fence", "mangled mark with crlf"],
)
def test_marks_and_line_ends_make_no_difference(content):
    front = read_front_matter(content)
    assert front.located.data == {"name": "a", "list": ["x"]}
    assert front.located.places == {(): 2, ("name",): 2, ("list",): 3, ("list", 0): 4}
    assert front.body == "# Title\n\ntext"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", 1, "there is no front matter: the first line must be `---`"),
        (b"# Title\n", 1, "there is no front matter"),
        (b"\n---\na: 1\n---\n", 1, "there is no front matter"),
        (b"---\nname: a\n# Title\n", 1, "the front matter has no end"),
        (b"---\n---\ntext\n", 1, "the front matter is empty"),
        (b"---\n# only a comment\n---\n", 1, "the front matter is empty"),
        (b"---\n- a\n---\n", 2, "the front matter is a list, not a mapping"),
        (b"---\n\nword\n---\n", 3, 'the front matter is the text "word", not a mapping'),
        (b"---\na: 1\nb:\n\tc: 1\n---\n", 4, "a tab cannot be used for indentation"),
        (b"---\na: [1\n---\n", 2, "this is not YAML"),
        (b"---\na: 1\nb: \xa5\n---\n", 3, "byte 0xa5 is not UTF-8"),
        ("---\na: 1\n---\n".encode("utf-16"), 1, "the file is UTF-16"),
        (b"---\na: \x00\n---\n", 2, "the character U+0000"),
        (b"---\n" + b"a" * 300_000, None, "larger than 256 kB"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(content, line, message):
    with pytest.raises(UnreadableDocumentError) as caught:
        read_front_matter(content)
    assert message in caught.value.message
    assert caught.value.line == line


def test_a_second_key_and_a_tag_are_problems():
    located = read_front_matter(b"---\na: 1\na: 2\nb: !!python/name:os.system x\n---\n").located
    assert located.data == {"a": 1}
    assert [line for line, _ in located.problems] == [3, 4]
    assert "the first is on line 2" in located.problems[0][1]


def test_a_rule_in_the_body_closes_nothing():
    assert read_front_matter(b"---\na: 1\n---\none\n\n---\n\ntwo\n").body == "one\n\n---\n\ntwo"


@pytest.mark.parametrize(
    "meant", ["≥85%", "a → b", "🔴 critical", "café", "naïve – “yes”", "Ω ≥ 85 % — 日本語", "привет"]
)
def test_what_went_through_mac_roman_is_mended(meant):
    mangled = meant.encode().decode("mac_roman")
    mended, note = mend_mac_roman(f"x {mangled} y")
    assert mended == f"x {meant} y"
    assert "Mac Roman" in note


def test_a_mended_file_says_so():
    front = read_front_matter("---\ntags: [‚â•85%]\n---\n🔴 ‚â• é\n".encode())
    assert front.located.data == {"tags": ["≥85%"]}
    assert front.body == "🔴 ≥ é"
    assert front.notes == (
        "its UTF-8 was once read as Mac Roman, and has been mended (`‚â•` is `≥`); save the mended text",
    )


@pytest.mark.parametrize(
    "text", ["café", "l’école", "l’été", "«École»", "“État”", "« État »", "…à", "≥85%", "–", "Äpfel „Öl“", "ÅÄÖ √", "∞π√"]
)  # fmt: skip
def test_what_people_write_is_left_alone(text):
    assert mend_mac_roman(text) == (text, "")


@given(st.text())
def test_mending_is_done_once(text):
    mended, note = mend_mac_roman(text.encode("utf-8", "replace").decode("mac_roman"))
    assert note or mended.isascii() or mended == text.encode("utf-8", "replace").decode("mac_roman")


FENCED = st.builds(
    lambda head, body, end: f"---{end}{head}{end}---{end}{body}",
    st.text(max_size=40)
    | st.lists(st.sampled_from(list("a:-[]{}&*!|>'\"%@`#?,<~ \n\t0.é≥")), max_size=30).map("".join),
    st.text(max_size=20),
    st.sampled_from(["\n", "\r\n", "\r"]),
)


@settings(deadline=None)
@given(
    st.binary(max_size=80)
    | FENCED.map(lambda text: text.encode("utf-8", "surrogatepass"))
    | FENCED.map(lambda text: text.encode("utf-8", "replace").decode("mac_roman").encode())
    | FENCED.map(lambda text: text.encode("utf-16", "surrogatepass"))
)
def test_any_bytes_are_read_or_refused(content):
    try:
        front = read_front_matter(content)
    except UnreadableDocumentError as trouble:
        assert trouble.message
        assert trouble.line is None or trouble.line >= 1
    else:
        assert isinstance(front.located.data, dict)
