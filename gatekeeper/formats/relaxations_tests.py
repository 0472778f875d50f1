"""Finds the tests that a change takes away: deleted ones, and those that it skips or expects to fail."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from gatekeeper.formats.python_source import may_hold, parse
from gatekeeper.model.change import Change, ChangeKind, FileChange, Role
from gatekeeper.model.frozen import dataclass
from gatekeeper.model.policy_change import PolicyChange, Relaxed

_SKIPS = {
    "skip": "skip",
    "skipif": "skip",
    "skipIf": "skip",
    "skipUnless": "skip",
    "skipTest": "skip",
    "SkipTest": "skip",
    "importorskip": "skip",
    "xfail": "xfail",
    "expectedFailure": "xfail",
    "collect_ignore": "left out by conftest",
    "collect_ignore_glob": "left out by conftest",
    "__test__": "left out by __test__",
    "pytest_plugins": "a plugin is loaded",
}
_HOOKS = frozenset(
    {"pytest_ignore_collect", "pytest_collection_modifyitems", "pytest_runtest_makereport", "pytest_sessionfinish"}
    | {"pytest_collect_file", "pytest_pycollect_makeitem", "pytest_runtest_protocol", "pytest_report_teststatus"}
    | {"pytest_collection", "pytest_collection_finish", "pytest_make_collect_report", "pytest_pycollect_makemodule"}
    | {"pytest_cmdline_main", "pytest_runtestloop", "pytest_runtest_call", "pytest_pyfunc_call"}
)
# What pytest finds without being told: other names are found by its settings, or not at all.
_FOUND = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test)\.py")
_NOT_ENTERED = re.compile(r"(?:.*/)?(?:\.[^/]*|[^/]*\.egg|_darcs|build|CVS|dist|node_modules|venv)/.*")


@dataclass(frozen=True, slots=True)
class _Test:
    """Where a test stands, and whether pytest finds it there by its name and that of its class."""

    line: int
    found: bool


def lost_tests(change: Change) -> Iterator[PolicyChange]:
    """A relaxation for each test or file of tests that is gone and not merely moved, and for each new skip."""
    files = [file for file in change.files if _is_test(file)]
    before = {file.path: _tests(file.base_text, file.base_path) for file in files if file.base_path}
    after = {file.path: _tests(file.text, file.path) for file in files if file.exists}
    won: Counter[tuple[str, bool]] = Counter()
    for path, tests in after.items():
        won.update((_name(name), test.found) for name, test in tests.items() if name not in before.get(path, {}))
    for file in files:
        old, new = before.get(file.path, {}), after.get(file.path, {})
        gone = [name for name, test in old.items() if not _stays(test, new.get(name)) and not _moved(name, test, won)]
        yield from _gone(file, gone, len(old))
        yield from _skipped(file)


def _stays(before: _Test, after: _Test | None) -> bool:
    return after is not None and (after.found or not before.found)


def _moved(name: str, test: _Test, won: Counter[tuple[str, bool]]) -> bool:
    """Whether a test stands in another place now, where pytest finds it as well; that is taken for this one alone."""
    for found in (True,) if test.found else (False, True):
        if won[_name(name), found]:
            won[_name(name), found] -= 1
            return True
    return False


def _is_test(file: FileChange) -> bool:
    return Role.TEST in (file.role, FileChange(file.old_path or file.path, file.kind).role)


def _gone(file: FileChange, gone: list[str], count: int) -> Iterator[PolicyChange]:
    if file.kind is not ChangeKind.DELETED:
        for test in gone:
            yield PolicyChange(Relaxed.TEST, file.path, None, f"removed: {test}", "there", "removed")
    elif gone or not file.path.endswith(".py"):
        tests = f"{count} test{'' if count == 1 else 's'}" if count else ""
        yield PolicyChange(Relaxed.TEST, file.path, None, "a file of tests", tests, "deleted")


def _tests(text: str | None, path: str | None) -> dict[str, _Test]:
    """The tests of a file by their names, with their class."""
    tree = parse(text) if text else None
    is_entered = bool(path and _FOUND.fullmatch(path) and not _NOT_ENTERED.fullmatch(path))
    tests: dict[str, _Test] = {}
    stack: list[tuple[ast.AST, str, bool]] = [(tree, "", is_entered)] if tree else []
    while stack:
        node, prefix, found = stack.pop()
        for child in getattr(node, "body", ()):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.name.startswith("test"):
                tests[prefix + child.name] = _Test(child.lineno, found)
            elif isinstance(child, ast.ClassDef):
                stack.append(
                    (child, f"{prefix}{child.name}.", found and (child.name[:4] == "Test" or bool(child.bases)))
                )
            elif isinstance(child, ast.If | ast.Try | ast.With):
                stack.append((child, prefix, found and not _is_never(child)))
    return tests


def _is_never(node: ast.AST) -> bool:
    """Whether this is a block such as `if False:`."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Constant) and not node.test.value


def _name(test: str) -> str:
    return test.rpartition(".")[2]


def _skipped(file: FileChange) -> Iterator[PolicyChange]:
    """The skips on added lines: decorators, marks, calls, and what a conftest says of collection."""
    tree = parse(file.text) if file.is_python and file.text else None
    if tree is None:
        return
    tests = sorted((test.line, name) for name, test in _tests(file.text, file.path).items())
    seen: set[tuple[int, str]] = set()
    for node in _around(tree, sorted(file.added_lines)):
        line = getattr(node, "lineno", 0)
        what = _skip(node) if file.touches(line) else ""
        if what and (line, what) not in seen:
            seen.add((line, what))
            name = _concerned(node, line, tests)
            yield PolicyChange(Relaxed.TEST, file.path, line, f"{what}: {name}" if name else what, "", what)


def _around(node: ast.AST, lines: Sequence[int]) -> Iterator[ast.AST]:
    """The nodes of a tree that stand on one of these lines, or around one; nobody looks at most of a tree."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if may_hold(child, lines)]


def _skip(node: ast.AST) -> str:
    """What kind of skip a node is; empty for anything else."""
    named = _defined(node)
    if named in _HOOKS:
        return f"decided by the hook {named}"
    if isinstance(node, ast.Attribute):
        owner = node.value.attr if isinstance(node.value, ast.Attribute) else ""
        if owner in ("option", "known_args_namespace") and isinstance(node.ctx, ast.Store):
            return f"the option {node.attr} of pytest is set"
        return _SKIPS.get(node.attr, "")
    if isinstance(node, ast.Name) and node.id not in ("skip", "xfail"):
        return _SKIPS.get(node.id, "")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _SKIPS.get(node.func.id, "")
    return ""


def _defined(node: ast.AST) -> str:
    """The name that a node gives to something by which it may become a hook of pytest."""
    if isinstance(node, ast.FunctionDef):
        return node.name
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        return node.id
    if isinstance(node, ast.alias):
        return node.asname or node.name
    if isinstance(node, ast.keyword) and node.arg == "specname" and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""


def _concerned(node: ast.AST, line: int, tests: list[tuple[int, str]]) -> str:
    """The test that a skip stands in, or right above; empty where it is about more than one."""
    if isinstance(node, ast.FunctionDef):
        return ""
    inside = [test for start, test in tests if start <= line]
    above = [test for start, test in tests if start > line]
    if getattr(node, "col_offset", 0) and isinstance(node, ast.Attribute) and _is_decorating(node):
        return above[0] if above else ""
    return inside[-1] if inside and getattr(node, "col_offset", 0) > 4 else ""


def _is_decorating(node: ast.Attribute) -> bool:
    """Whether this is `mark.skip`, `unittest.skip` and the like, which stand above what they are about."""
    owner = node.value
    last = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
    return last in ("mark", "unittest")
