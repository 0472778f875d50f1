"""Planted gaps in documentation and their fixed twins, through the real inspection of two real trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatekeeper.gates.docs import GATE
from gatekeeper.model.finding import Severity
from gatekeeper.model.verdict import Status
from tests.inspectors.looking import Case, judged, rules

INIT = '"""A package."""\n\nfrom pkg.core import greet\n'
CORE = '''"""The core."""


def greet(name):
    """Greet someone.

    Args:
        name: Who it is.
    """
    return name


class Box:
    """Holds things."""

    def put(self, thing):
        """Put a thing in."""

    def __len__(self):
        return 0
'''
BASE = {"pkg/__init__.py": INIT, "pkg/core.py": CORE}


def _core(text: str, **others: str) -> dict[str, str]:
    return {**BASE, "pkg/core.py": text, **{name.replace("__", "/"): value for name, value in others.items()}}


def _with(addition: str) -> dict[str, str]:
    return _core(CORE + addition)


GAPS = {
    "new function": ("D1", _with("\n\ndef leave(name):\n    return name\n")),
    "new class": ("D1", _with("\n\nclass Bag:\n    x = 1\n")),
    "new method": ("D1", _with("\n    def take(self):\n        return 1\n")),
    "new property": ("D1", _with("\n    @property\n    def size(self):\n        return 1\n")),
    "lost docstring": ("D1", _core(CORE.replace('        """Put a thing in."""\n', "        return 1\n"))),
    "new function beside those for type checkers": (
        "D1",
        _with("\n\nimport typing as t\n\nif t.TYPE_CHECKING:\n    pass\nelse:\n\n    def proxy():\n        pass\n"),
    ),
    "empty docstring": ("D1", _with('\n\ndef leave(name):\n    """ """\n')),
    "mark without reason": ("D1", _with("\n\ndef leave(name):  # gatekeeper: no-doc()\n    return name\n")),
    "does not parse": ("D1", _with("\n\ndef leave(:\n")),
    "parameter added": ("D2", _core(CORE.replace("greet(name)", "greet(name, title='')"))),
    "documented and not there": (
        "D2",
        _core(CORE.replace("name: Who it is.", "name: Who it is.\n        colour: Of the hair.")),
    ),
    "parameter renamed in docs only": ("D2", _core(CORE.replace("name: Who it is.", "nom: Who it is."))),
}


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_blocks(name: str, tmp_path: Path) -> None:
    rule, head = GAPS[name]
    verdict = judged(Case(BASE, head), tmp_path)
    assert verdict.status is Status.FAILED
    assert rules(verdict) == [rule]
    assert verdict.findings[0].path == "pkg/core.py"
    assert verdict.findings[0].line
    assert verdict.measured is not None
    assert verdict.measured < 100


FINE = {
    "new function with docstring": _with('\n\ndef leave(name):\n    """Leave."""\n'),
    "new private function": _with("\n\ndef _leave(name):\n    return name\n"),
    "nested function": _core(CORE.replace("    return name", "    def inner():\n        return 1\n\n    return inner")),
    "special method": _with("\n    def __repr__(self):\n        return ''\n"),
    "visitor": _with("\n    def visit_node(self, node):\n        return ''\n"),
    "overload": _with(
        '\n\nfrom typing import overload\n\n\n@overload\ndef a(x: int): ...\n@overload\ndef a(x: str): ...\ndef a(x):\n    """A."""\n'
    ),
    "for type checkers only": _with(
        "\n\nimport typing as t\n\nif t.TYPE_CHECKING:\n\n    class Proxy(t.Protocol):\n        def get(self) -> int: ...\n"
    ),
    "setter": _with(
        '\n    @property\n    def size(self):\n        """The size."""\n\n    @size.setter\n    def size(self, to):\n        pass\n'
    ),
    "overrides a documented method": _with(
        "\n\nclass Chest(Box):\n    '''A box.'''\n\n    def put(self, thing):\n        pass\n"
    ),
    "overrides one of a builtin": _with(
        "\n\nclass Map(dict):\n    '''A map.'''\n\n    def get(self, a):\n        pass\n"
    ),
    "overrides one of the standard library": _with(
        "\n\nimport json\n\n\nclass Coder(json.JSONEncoder):\n    '''A coder.'''\n\n    def default(self, o):\n        pass\n"
    ),
    "marked as override": _with(
        "\n\nimport x\n\n\nclass Odd(x.Y):\n    '''A y.'''\n\n    @x.override\n    def put(self, thing):\n        pass\n"
    ),
    "mark with reason": _with("\n\ndef leave(name):  # gatekeeper: no-doc(a stub for the linker)\n    return name\n"),
    "annotations": _core(CORE.replace("greet(name)", "greet(name: str) -> str")),
    "old drift in a body change": _core(CORE.replace("return name", "return name * 2")),
    "parameter documented": _core(
        CORE.replace("greet(name)", "greet(name, title='')").replace(
            "Who it is.", "Who it is.\n        title: Before it."
        )
    ),
}


@pytest.mark.parametrize("name", FINE)
def test_what_is_fine_passes(name: str, tmp_path: Path) -> None:
    verdict = judged(Case(BASE, FINE[name]), tmp_path)
    assert rules(verdict) == []
    assert verdict.status in (Status.PASSED, Status.SKIPPED)


def test_a_body_alone_leaves_nothing_to_document(tmp_path: Path) -> None:
    verdict = judged(Case(BASE, _core(CORE.replace("return name", "return name * 2"))), tmp_path)
    assert verdict.status is Status.SKIPPED
    assert verdict.summary.startswith("nothing to document")


SAMPLE = "# Use\n\n```python\nfrom pkg import nothing\n```\n"
QUIET = {
    "words": ({"docs/use.md": SAMPLE}, {"docs/use.md": SAMPLE + "More words.\n"}),
    "a sample less": ({"docs/use.md": SAMPLE}, {"docs/use.md": "# Use\n"}),
    "a renamed page": ({"docs/use.md": SAMPLE}, {"docs/how.md": SAMPLE}),
    "a page without samples": ({}, {"docs/use.rst": "Use\n===\n\n.. code-block:: sh\n\n   ls\n"}),
    "a page elsewhere": ({}, {"notes/use.md": SAMPLE}),
    "a text": ({}, {"notes.txt": ">>> 1\n"}),
}


@pytest.mark.parametrize("name", QUIET)
def test_documentation_that_brings_no_sample_needs_no_look(name: str, tmp_path: Path) -> None:
    base, head = QUIET[name]
    renamed = {"docs/how.md": "docs/use.md"} if name == "a renamed page" else {}
    request = Case({**BASE, **base}, {**BASE, **head}, renamed=renamed).request(tmp_path)
    assert GATE.plan(request, {}) == ()
    assert GATE.judge(request, {}).status is Status.SKIPPED


def test_a_sample_that_is_new_or_altered_is_looked_at(tmp_path: Path) -> None:
    for number, before in enumerate(({}, {"docs/use.md": SAMPLE.replace("nothing", "core")})):
        case = Case({**BASE, **before}, {**BASE, **before, "docs/use.md": SAMPLE})
        place = tmp_path / str(number)
        place.mkdir()
        assert rules(judged(case, place)) == ["D5"]


def test_tests_and_examples_need_no_docstrings(tmp_path: Path) -> None:
    added = {
        "tests/helper.py": "def f(): pass\n",
        "examples/a.py": "def f(): pass\n",
        "docs/conf.py": "def f(): pass\n",
    }
    assert rules(judged(Case(BASE, {**BASE, **added}, packages=("pkg", "tests")), tmp_path)) == []


def test_a_moved_definition_is_no_new_one(tmp_path: Path) -> None:
    bare = CORE.replace('        """Put a thing in."""\n', "        return 1\n")
    base = _core(bare)
    head = {"pkg/__init__.py": INIT.replace("core", "heart"), "pkg/heart.py": bare}
    verdict = judged(
        Case(base, head, renamed={"pkg/heart.py": "pkg/core.py"}, message="x\n\nChangelog: none (test)"), tmp_path
    )
    assert [finding for finding in verdict.findings if finding.rule == "D1"] == []


VARIANT = CORE.replace("def greet(name):", "def sync_greet(name):").replace("Who it is.", "Who.") + (
    "\n\n{decorator}\nasync def greet(name):\n    return sync_greet(name)\n"
)


@pytest.mark.parametrize(
    ("decorator", "found"),
    [
        ("@variant_of(sync_greet)", []),
        ("@functools.wraps(sync_greet)", []),
        ("@variant_of('sync_greet')", ["D1"]),
        ("@variant_of(Box)", ["D1"]),
    ],
)
def test_a_decorator_that_is_handed_the_documented_twin_documents(
    decorator: str, found: list[str], tmp_path: Path
) -> None:
    verdict = judged(Case(BASE, _core(VARIANT.format(decorator=decorator))), tmp_path)
    assert rules(verdict) == found


def test_a_definition_that_left_its_name_to_another_keeps_its_old_gaps(tmp_path: Path) -> None:
    base = _core(CORE.replace("greet(name)", "greet(name, title='')"))
    renamed = base["pkg/core.py"].replace("def greet", "def sync_greet")
    head = _core(renamed + '\n\ndef greet(name, title=""):\n    """Greet."""\n    return sync_greet(name)\n')
    assert rules(judged(Case(base, head), tmp_path)) == []


def test_another_name_for_a_parameter_that_nobody_names_breaks_nothing(tmp_path: Path) -> None:
    base = _with('\n    def take(self, _):\n        """Take."""\n')
    head = _with('\n    def take(self, thing):\n        """Take."""\n')
    assert judged(Case(base, head), tmp_path).findings == ()


def test_a_new_module_without_docstring_is_only_a_warning(tmp_path: Path) -> None:
    verdict = judged(Case(BASE, {**BASE, "pkg/new.py": 'def f():\n    """F."""\n'}), tmp_path)
    assert verdict.status is Status.PASSED
    assert [(f.rule, f.blocks, f.path) for f in verdict.findings] == [("D1", False, "pkg/new.py")]


BREAKS = {
    "function removed": (CORE.replace("def greet", "def _greet"), "removed"),
    "method removed": (CORE.replace("def put", "def _put"), "removed"),
    "parameter removed": (
        CORE.replace("greet(name)", "greet()").replace("        name: Who it is.\n", ""),
        "parameter removed",
    ),
    "parameter required": (CORE.replace("put(self, thing)", "put(self, thing, where)"), "required parameter added"),
    "parameter moved": (CORE.replace("put(self, thing)", "put(self, where=1, thing=2)"), "parameter moved"),
    "keyword only": (CORE.replace("put(self, thing)", "put(self, *, thing)"), "parameter changed its kind"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_needs_a_changelog(name: str, tmp_path: Path) -> None:
    text, what = BREAKS[name]
    head = _core(text) | ({"pkg/__init__.py": '"""A package."""\n'} if name == "function removed" else {})
    for folder in ("one", "two", "three", "four"):
        (tmp_path / folder).mkdir()
    kept = {"CHANGES.md": "# Changes\n"}
    base, head = {**BASE, **kept}, {**kept, **head}
    verdict = judged(Case(base, head), tmp_path / "one")
    assert "D3" in rules(verdict)
    assert what in " ".join(finding.message for finding in verdict.findings)
    assert "D3" not in rules(judged(Case(base, {**head, "CHANGES.md": "- gone\n"}), tmp_path / "two"))
    skipped = judged(Case(base, head, message="Drop it\n\nChangelog: none (never released)"), tmp_path / "three")
    assert "D3" not in rules(skipped)
    assert any("never released" in note for note in skipped.notes)
    deleted = {path: text for path, text in head.items() if path != "CHANGES.md"}
    assert "D3" in rules(judged(Case(base, deleted), tmp_path / "four"))


def test_a_break_only_warns_where_nobody_keeps_a_changelog(tmp_path: Path) -> None:
    text, what = BREAKS["parameter removed"]
    verdict = judged(Case(BASE, _core(text)), tmp_path)
    assert verdict.status is Status.PASSED
    assert any(what in finding.message and finding.severity is Severity.LOW for finding in verdict.findings)


def test_what_may_still_be_served_breaks_nothing(tmp_path: Path) -> None:
    base = _core(CORE.replace("class Box:", "class Box(dict):") + "\n    def get(self, key):\n        '''Get.'''\n")
    head = _core(CORE.replace("class Box:", "class Box(dict):"))
    assert rules(judged(Case(base, head), tmp_path)) == []


def test_a_name_served_by_getattr_breaks_nothing(tmp_path: Path) -> None:
    head = {
        **_core(CORE.replace("def greet", "def _greet")),
        "pkg/__init__.py": '"""P."""\n\n\ndef __getattr__(name): ...\n',
    }
    head["pkg/core.py"] += "\n\ndef __getattr__(name): ...\n"
    assert "D3" not in rules(judged(Case(BASE, head), tmp_path))


GONE = {
    "pkg/__init__.py": '"""A package."""\n',
    "pkg/core.py": CORE.replace("def greet", "def hello"),
    "CHANGES.md": "x\n",
}
MENTIONS = {
    "code span": ("README.md", "Call `greet` now.\n", True),
    "call": ("README.md", "Call `greet('you')` now.\n", True),
    "qualified": ("docs/a.md", "Call `pkg.core.greet` now.\n", True),
    "import in a block": ("docs/a.md", "```python\nfrom pkg import greet\n```\n", True),
    "role": ("docs/a.rst", "See :func:`~pkg.greet` now.\n", True),
    "directive": ("docs/a.rst", ".. autofunction:: greet\n", True),
    "literal": ("README.rst", "See ``greet`` now.\n", True),
    "plain word": ("README.md", "We greet you.\n", False),
    "longer name": ("README.md", "Call `greet_all` now.\n", False),
    "told as removed": ("README.md", "`greet` was removed.\n", False),
    "changelog": ("docs/changelog.md", "Call `greet` now.\n", False),
    "other module": ("docs/a.md", "Call `other.greet` now.\n", False),
}


@pytest.mark.parametrize("name", MENTIONS)
def test_a_removed_name_does_not_stay_in_the_docs(name: str, tmp_path: Path) -> None:
    path, text, found = MENTIONS[name]
    verdict = judged(Case({**BASE, path: text}, {**GONE, path: text}), tmp_path)
    places = [(f.path, f.line) for f in verdict.findings if f.rule == "D4"]
    assert places == ([(path, 1 if name != "import in a block" else 2)] if found else [])


def test_a_removed_method_is_looked_for_with_its_class(tmp_path: Path) -> None:
    docs = {"README.md": "Use `Box.put` or `put` or `Chest.put`.\n"}
    head = {**_core(CORE.replace("def put", "def add")), "CHANGES": "x"}
    verdict = judged(Case({**BASE, **docs}, {**head, **docs}), tmp_path)
    (found,) = (finding for finding in verdict.findings if finding.rule == "D4")
    assert found.message.startswith("pkg.core.Box.put is removed")


def test_a_word_of_python_itself_is_no_mention(tmp_path: Path) -> None:
    base = {"pkg/__init__.py": "", "pkg/json.py": "def dumps():\n    '''D.'''\n"}
    docs = {"README.md": "`json` and `json.dumps` and `pkg.json`.\n", "CHANGES": "x"}
    verdict = judged(Case({**base, "README.md": docs["README.md"]}, {"pkg/__init__.py": "", **docs}), tmp_path)
    assert {f.message.partition(" ")[0] for f in verdict.findings if f.rule == "D4"} == {"pkg.json"}


def test_a_word_that_means_something_else_in_the_code_is_no_mention(tmp_path: Path) -> None:
    head = {**GONE, "pkg/core.py": GONE["pkg/core.py"].replace("put(self, thing)", "put(self, greet)")}
    docs = {"README.md": "Pass `greet`.\n"}
    verdict = judged(Case({**BASE, **docs}, {**head, **docs}), tmp_path)
    assert not [f for f in verdict.findings if f.rule == "D4"]


@pytest.mark.parametrize(("written", "found"), [("`greet`", False), ("`pkg.greet`", True)])
def test_a_word_that_a_constant_is_shown_as_is_no_mention(written: str, found: bool, tmp_path: Path) -> None:
    head = {**GONE, "pkg/core.py": GONE["pkg/core.py"] + "\n\nclass Verb:\n    GREET = 1\n"}
    docs = {"README.md": f"Its verb is {written}.\n"}
    verdict = judged(Case({**BASE, **docs}, {**head, **docs}), tmp_path)
    assert bool([f for f in verdict.findings if f.rule == "D4"]) == found


SAMPLES = {
    "syntax": ("docs/a.md", "```python\ndef f(\n```\n", True),
    "missing name": ("docs/a.md", "```python\nfrom pkg import nothing\n```\n", True),
    "missing module": ("README.rst", ".. code-block:: python\n\n    import pkg.nothing\n", True),
    "prompt": ("docs/a.rst", ">>> from pkg import nothing\n", True),
    "fine": (
        "docs/a.md",
        "```python\nfrom pkg import greet\nfrom pkg.core import Box\nimport os.nothing\n```\n",
        False,
    ),
    "caught": ("docs/a.md", "```python\ntry:\n    from pkg import old\nexcept ImportError:\n    pass\n```\n", False),
    "decorator alone": ("docs/a.md", "```python\n@app.get('/')\n```\n", False),
    "other language": ("docs/a.md", "```console\n$ def f(\n```\n", False),
    "dialogue": ("docs/a.rst", ">>> 1 +\\\n... 2\n3\n\n>>> if x:\n...     y\nz\n", False),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_of_changed_docs(name: str, tmp_path: Path) -> None:
    path, text, bad = SAMPLES[name]
    verdict = judged(Case(BASE, {**BASE, path: text}), tmp_path)
    assert rules(verdict) == (["D5"] if bad else [])


def test_a_sample_that_never_parsed_is_not_charged(tmp_path: Path) -> None:
    text = "```python\nprint 'a long statement of an old language'\n```\n"
    base, head = {**BASE, "README.md": text}, {**BASE, "README.md": text.replace("long", "very long") + "more\n"}
    assert rules(judged(Case(base, head), tmp_path)) == []


def test_an_unchanged_page_that_imports_what_is_removed(tmp_path: Path) -> None:
    page = {"docs/a.md": "```python\nfrom pkg.core import greet\n```\n"}
    verdict = judged(Case({**BASE, **page}, {**GONE, **page}), tmp_path)
    assert "D5" in rules(verdict)


API = {
    "pkg/__init__.py": '"""A package."""\n',
    "pkg/web.py": '"""Web."""\n\n\n@app.get("/a")\ndef _a(): ...\n',
    "openapi.json": "{}",
}
ROUTES = {
    "route added": (API["pkg/web.py"] + '\n\n@app.post("/b")\ndef _b(): ...\n', True),
    "route changed": (API["pkg/web.py"].replace('"/a"', '"/a", status_code=201'), True),
    "parameter of a route": (API["pkg/web.py"].replace("_a()", "_a(limit: int)"), True),
    "route removed": ('"""Web."""\n', True),
    "hidden route": (API["pkg/web.py"] + '\n\n@app.post("/b", include_in_schema=False)\ndef _b(): ...\n', False),
    "body": (API["pkg/web.py"].replace("...", "return 1"), False),
    "no route": (API["pkg/web.py"] + '\n\n@mock.patch("x.y")\ndef _b(): ...\n', False),
}


@pytest.mark.parametrize("name", ROUTES)
def test_routes_and_their_description(name: str, tmp_path: Path) -> None:
    text, bad = ROUTES[name]
    for folder in ("one", "two", "three"):
        (tmp_path / folder).mkdir()
    assert ("D6" in rules(judged(Case(API, {**API, "pkg/web.py": text}), tmp_path / "one"))) is bad
    told = {**API, "pkg/web.py": text, "openapi.json": '{"a": 1}'}
    assert "D6" not in rules(judged(Case(API, told), tmp_path / "two"))
    without = {path: value for path, value in API.items() if path != "openapi.json"}
    assert "D6" not in rules(judged(Case(without, {**without, "pkg/web.py": text}), tmp_path / "three"))


@pytest.mark.parametrize(
    ("printed", "status"), [("{}", Status.PASSED), ('{"a": 1}', Status.FAILED), ("no", Status.ERROR)]
)
def test_a_command_that_generates_the_description(printed: str, status: Status, tmp_path: Path) -> None:
    head = {**API, "pkg/web.py": ROUTES["route added"][0], "make.py": f"print({printed!r})\n"}
    settings = {"openapi": {"command": "python make.py", "file": "openapi.json"}}
    verdict = judged(Case(API, head, settings), tmp_path)
    assert verdict.status is status
    if status is Status.FAILED:
        assert "python make.py > openapi.json" in verdict.findings[0].message
