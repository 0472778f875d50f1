"""Reads code out of documentation: the code blocks and the code spans of Markdown and reStructuredText."""

from __future__ import annotations

import re
from textwrap import dedent

from gatekeeper.formats.lazy_pattern import lazy_pattern
from gatekeeper.model.frozen import dataclass

_PYTHON = frozenset({"python", "python3", "py", "py3", "pycon", "pycon3", "doctest", "testcode", "ipython", "ipython3"})


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """One block of code: its language in lower case ("" where unsaid), the line of its first line of code, its text."""

    language: str
    line: int
    text: str

    @property
    def is_python(self) -> bool:
        """Whether the block says that it is Python, as a program or as a dialogue with the interpreter."""
        return self.language in _PYTHON


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A piece of code inside a sentence: `text` without its marks, and the `role` that marks it.

    The role is "" for plain code, "auto" for a directive that documents an object, or the name of a Sphinx role such
    as "func" (of `:py:func:` only the last part).
    """

    line: int
    text: str
    role: str = ""


def code_blocks(text: str, markup: str) -> tuple[CodeBlock, ...]:
    """The code blocks of a text in the order of their lines; `markup` is a word of `docs_paths.markup_of`."""
    lines = text.splitlines()
    found = _fences(lines) if markup == "markdown" else _directives(lines)
    return tuple(block for block, _ in found)


def code_spans(text: str, markup: str) -> tuple[CodeSpan, ...]:
    """The code spans of a text outside its code blocks, in the order of their lines."""
    lines = text.splitlines()
    for block, last in _fences(lines) if markup == "markdown" else _directives(lines):
        lines[block.line - 1 : last] = [""] * (last - block.line + 1)
    read = _markdown_spans if markup == "markdown" else _rst_spans
    return tuple(span for number, line in enumerate(lines, 1) for span in read(number, line))


def python_source(block: CodeBlock) -> str:
    """The Python of a block, without margin, prompts, output and commands of IPython."""
    text = dedent(block.text.expandtabs())
    lines = text.splitlines()
    if any(line.startswith(">>>") for line in lines):
        return "\n".join(line[4:] for line in lines if re.match(r"(>>>|\.\.\.)( |$)", line))
    if block.language.startswith("ipython"):
        return "\n".join(_ipython_line(line) for line in lines)
    return text


def _ipython_line(line: str) -> str:
    bare = re.sub(r"^\s*(In \[\d+\]: |\.\.\.+: )", "", line)
    return "" if bare.startswith(("%", "!", "@", "Out[")) or bare.rstrip().endswith("?") else bare


_FENCE = lazy_pattern(r"^(?P<margin>[ \t>]*)(?P<fence>`{3,}|~{3,})\s*(?P<info>[^`]*)$")


def _fences(lines: list[str]) -> list[tuple[CodeBlock, int]]:
    """The fenced blocks of Markdown, each with the number of its last line of code."""
    found, index = [], 0
    while index < len(lines):
        opened = _FENCE().match(lines[index])
        index += 1
        if opened is None:
            continue
        start, margin = index, opened["margin"]
        closing = re.compile(rf"^[ \t>]*{re.escape(opened['fence'][0])}{{{len(opened['fence'])},}}\s*$")
        while index < len(lines) and not closing.match(lines[index]):
            index += 1
        body = [line[len(margin) :] if line.startswith(margin) else line.lstrip(" \t>") for line in lines[start:index]]
        language, skipped = _fence_language(opened["info"], body)
        found.append((CodeBlock(language, start + 1 + skipped, "\n".join(body[skipped:])), index))
        index += 1
    return found


def _fence_language(info: str, body: list[str]) -> tuple[str, int]:
    """The language that the words after a fence name, and how many lines of the body are options of a directive."""
    words = info.strip().lower()
    directive = re.match(r"\{(code-block|code-cell|code|sourcecode|doctest|testcode)\}\s*([\w+-]*)", words)
    if directive is None:
        language = re.match(r"\{?\.?\s*([\w+-]*)", words)
        return (language[1] if language else ""), 0
    skipped = 0
    while skipped < len(body) and re.match(r"\s*:[\w-]+:", body[skipped]):
        skipped += 1
    name = directive[1] if directive[1] in {"doctest", "testcode"} else directive[2]
    return name or ("python" if directive[1] == "code-cell" else ""), skipped


_DIRECTIVE = lazy_pattern(
    r"^(?P<margin>\s*)\.\. (?P<name>code-block|code|sourcecode|ipython|testcode|doctest)::[ \t]*(?P<language>[\w+-]*)"
)


def _directives(lines: list[str]) -> list[tuple[CodeBlock, int]]:
    """The code directives and the dialogues of reStructuredText, each with the number of its last line of code."""
    found, index = [], 0
    while index < len(lines):
        directive = _DIRECTIVE().match(lines[index])
        if directive is not None:
            block, last = _directive_body(lines, index, directive)
        elif lines[index].lstrip().startswith(">>> "):
            last = index
            while last < len(lines) and lines[last].strip():
                last += 1
            block = CodeBlock("pycon", index + 1, "\n".join(lines[index:last]))
        else:
            index += 1
            continue
        found.append((block, last))
        index = max(last, index + 1)
    return found


def _directive_body(lines: list[str], index: int, directive: re.Match[str]) -> tuple[CodeBlock, int]:
    margin = len(directive["margin"].expandtabs())
    start = index + 1
    while start < len(lines) and re.match(r"\s+:[\w-]+:", lines[start]):
        start += 1
    while start < len(lines) and not lines[start].strip():
        start += 1
    last = start
    while last < len(lines) and (not lines[last].strip() or _margin(lines[last]) > margin):
        last += 1
    named = directive["name"]
    language = named if named in {"ipython", "testcode", "doctest"} else directive["language"].lower()
    return CodeBlock(language, start + 1, "\n".join(lines[start:last]).rstrip()), last


def _margin(line: str) -> int:
    expanded = line.expandtabs()
    return len(expanded) - len(expanded.lstrip())


_BACKTICKS = lazy_pattern(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_REFERENCE = lazy_pattern(r"\]\[([\w.]+)\]|^::: ?([\w.]+)")
_ROLE = lazy_pattern(r":(?:[\w-]+:)*([\w-]+):`([^`]+)`")
_LITERAL = lazy_pattern(r"``(.+?)``")
_DEFAULT_ROLE = lazy_pattern(r"(?<![`:\w])`([^`<>]+)`(?![`_\w])")
_AUTO = lazy_pattern(r"^\s*\.\. (?:\w+:)?auto(?:function|class|method|data|exception|attribute|property)::\s*([\w.]+)")


def _markdown_spans(number: int, line: str) -> list[CodeSpan]:
    spans = [CodeSpan(number, text.strip()) for _, text in _BACKTICKS().findall(line)]
    spans += [CodeSpan(number, one or two, "auto") for one, two in _REFERENCE().findall(line)]
    return spans


def _rst_spans(number: int, line: str) -> list[CodeSpan]:
    spans = [CodeSpan(number, text.strip()) for text in _LITERAL().findall(line)]
    rest = _LITERAL().sub("", line)
    for role, text in _ROLE().findall(rest):
        target = re.search(r"<([^>]+)>\s*$", text)
        spans.append(CodeSpan(number, (target[1] if target else text).strip().lstrip("~!."), role))
    spans += [CodeSpan(number, text.strip()) for text in _DEFAULT_ROLE().findall(_ROLE().sub("", rest))]
    auto = _AUTO().match(line)
    return [*spans, CodeSpan(number, auto[1], "auto")] if auto else spans
