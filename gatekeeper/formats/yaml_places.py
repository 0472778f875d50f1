"""Reads YAML into plain data and tells on which line each key and list item stands.

Only what a configuration needs is understood: mappings with text keys, lists, texts, numbers, booleans, null, anchors
and merge keys. Nothing is ever constructed from a tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from gatekeeper.formats.located import UNUSABLE, Located, Place, UnreadableDocumentError

_DEPTH_LIMIT = 32
_VALUE_LIMIT = 20_000  # an alias costs nothing to write, so the values are counted as they unfold
_PREFIX = "tag:yaml.org,2002:"
_TAGS = {
    yaml.MappingNode: {"map"},
    yaml.SequenceNode: {"seq"},
    yaml.ScalarNode: {"str", "null", "bool", "int", "float", "timestamp", "value", "merge"},
}


class _Composer(yaml.SafeLoader):
    """Makes nodes, no objects, and refuses to go deeper than any configuration does."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self.depth += 1
        if self.depth > _DEPTH_LIMIT:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise UnreadableDocumentError(f"nested more than {_DEPTH_LIMIT} levels deep", mark.line + 1)
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


class _Reader:
    """Unfolds nodes into data, gathering places and problems on the way."""

    def __init__(self, composer: _Composer) -> None:
        self.composer = composer
        self.places: dict[Place, int] = {}
        self.problems: list[tuple[int | None, str]] = []
        self.count = 0

    def value(self, node: Any, place: Place) -> Any:
        """The data of a node."""
        self.count += 1
        if self.count > _VALUE_LIMIT or len(place) > _DEPTH_LIMIT:
            raise UnreadableDocumentError("aliases unfold into more than a configuration can hold", _line(node))
        if node.tag.removeprefix(_PREFIX) not in _TAGS[type(node)]:
            tag = node.tag.replace(_PREFIX, "!!")
            self._problem(node, f"the tag `{tag}` is not used in a configuration; remove it")
            return UNUSABLE
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return self._sequence(node, place)
        return self._scalar(node)

    def _mapping(self, node: Any, place: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, (key_node, value_node) in self._pairs(node).items():
            self.places[(*place, key)] = _line(key_node)
            data[key] = self.value(value_node, (*place, key))
        return data

    def _pairs(self, node: Any) -> dict[str, tuple[Any, Any]]:
        """The nodes of a mapping by key; its own ones win over those that are merged into it."""
        own: dict[str, tuple[Any, Any]] = {}
        merged: dict[str, tuple[Any, Any]] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _PREFIX + "merge":
                for name, pair in self._merged(value_node):
                    merged.setdefault(name, pair)
            elif (key := self._key(key_node)) in own:
                first = _line(own[str(key)][0])
                self._problem(key_node, f"the key `{key}` stands here a second time; the first is on line {first}")
            elif key is not None:
                own[key] = (key_node, value_node)
        return merged | own

    def _merged(self, node: Any, depth: int = 0) -> Iterator[tuple[str, tuple[Any, Any]]]:
        """The pairs that `<<: *anchor` or `<<: [*first, *second]` brings, the earlier ones first."""
        if depth > _DEPTH_LIMIT:
            raise UnreadableDocumentError("`<<` merges a mapping into itself", _line(node))
        if isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from self._merged(item, depth + 1)
        elif isinstance(node, yaml.MappingNode):
            yield from self._merged_pairs(node, depth)
        else:
            self._problem(node, "`<<` takes a mapping, such as `<<: *name`")

    def _merged_pairs(self, node: Any, depth: int) -> Iterator[tuple[str, tuple[Any, Any]]]:
        for key_node, value_node in node.value:
            self.count += 1
            if self.count > _VALUE_LIMIT:
                raise UnreadableDocumentError("aliases unfold into more than a configuration can hold", _line(node))
            if key_node.tag == _PREFIX + "merge":
                yield from self._merged(value_node, depth + 1)
            elif (key := self._key(key_node)) is not None:
                yield key, (key_node, value_node)

    def _key(self, node: Any) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self._problem(node, "a key must be a text, not a list or a mapping")
            return None
        if node.tag != _PREFIX + "str":
            self._problem(node, f'the key `{node.value}` is not read as a text; put it in quotes: "{node.value}"')
            return None
        return str(node.value)

    def _sequence(self, node: Any, place: Place) -> list[Any]:
        items = []
        for index, item in enumerate(node.value):
            self.places[(*place, index)] = _line(item)
            items.append(self.value(item, (*place, index)))
        return items

    def _scalar(self, node: Any) -> Any:
        kind = node.tag.removeprefix(_PREFIX)
        if kind not in ("null", "bool", "int", "float"):
            return str(node.value)  # a date too: `base: 2024-01-01` names a branch
        try:
            return getattr(self.composer, f"construct_yaml_{kind}")(node)
        except (ValueError, KeyError, IndexError):
            self._problem(node, f"`{node.value[:40]}` is not a {kind}")
            return UNUSABLE

    def _problem(self, node: Any, message: str) -> None:
        problem = (_line(node), message)
        if problem not in self.problems:  # an alias unfolds the same node more than once
            self.problems.append(problem)


def read_yaml(text: str) -> Located:
    """The data of one YAML document; an empty one is None. Raises `UnreadableDocumentError` where it cannot be parsed.

    A value that no configuration can hold is `UNUSABLE` in the data, and among the problems.
    """
    try:
        composer = _Composer(text)
        node = composer.get_single_node()
    except yaml.MarkedYAMLError as trouble:
        raise UnreadableDocumentError(_explain(trouble, text), _error_line(trouble)) from trouble
    except yaml.reader.ReaderError as trouble:
        line = text.count("\n", 0, trouble.position) + 1
        raise UnreadableDocumentError(
            f"the character U+{ord(text[trouble.position]):04X} is not allowed here", line
        ) from trouble
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as trouble:
        if isinstance(trouble, UnreadableDocumentError):
            raise
        raise UnreadableDocumentError(f"this is not YAML: {trouble}") from trouble
    if node is None:
        return Located(None, {(): 1})
    reader = _Reader(composer)
    data = reader.value(node, ())
    return Located(data, {(): _line(node)} | reader.places, tuple(reader.problems))


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _error_line(trouble: yaml.MarkedYAMLError) -> int | None:
    mark = trouble.problem_mark or trouble.context_mark
    return None if mark is None else mark.line + 1


def _explain(trouble: yaml.MarkedYAMLError, text: str) -> str:
    """What a syntax error means, with the fix for the ones that people make most."""
    line = _error_line(trouble)
    lines = text.splitlines()
    content = lines[line - 1] if line and line <= len(lines) else ""
    problem = trouble.problem or "unknown trouble"
    if "\t" in content and ("\\t" in problem or not content.lstrip(" ").strip("\t")):
        return "a tab cannot be used for indentation in YAML; use spaces"
    if content.startswith("\t") or content.lstrip(" ").startswith("\t"):
        return "a tab cannot be used for indentation in YAML; use spaces"
    if "but found another document" in problem:
        return "a second document begins here; a configuration is one document, so remove the `---`"
    return f"this is not YAML: {problem}"
