"""Finds the tests that a change takes away: deleted ones, and those that it skips or expects to fail."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from gatekeeper.formats.python_source import parse
from gatekeeper.model.change import Change, ChangeKind, FileChange, Role
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
}
_HOOKS = frozenset(
    {"pytest_ignore_collect", "pytest_collection_modifyitems", "pytest_runtest_makereport", "pytest_sessionfinish"}
    | {"pytest_collect_file", "pytest_pycollect_makeitem", "pytest_runtest_protocol", "pytest_report_teststatus"}
)


def lost_tests(change: Change) -> Iterator[PolicyChange]:
    """A relaxation for each test or file of tests that is gone and not merely moved, and for each new skip."""
    files = [file for file in change.files if _is_test(file)]
    before = {file.path: _tests(file.base_text) for file in files if file.base_path}
    after = {file.path: _tests(file.text) for file in files if file.exists}
    won: Counter[str] = Counter()
    for path, tests in after.items():
        won.update(_name(test) for test in tests if test not in before.get(path, {}))
    for file in files:
        gone = []
        for test in before.get(file.path, {}):
            if test in after.get(file.path, {}):
                continue
            if won[_name(test)]:
                won[_name(test)] -= 1  # it stands in another place now
            else:
                gone.append(test)
        yield from _gone(file, gone, len(before.get(file.path, {})))
        yield from _skipped(file)


def _is_test(file: FileChange) -> bool:
    return Role.TEST in (file.role, FileChange(file.old_path or file.path, file.kind).role)


def _gone(file: FileChange, gone: list[str], count: int) -> Iterator[PolicyChange]:
    if file.kind is not ChangeKind.DELETED:
        for test in gone:
            yield PolicyChange(Relaxed.TEST, file.path, None, f"removed: {test}", "there", "removed")
    elif gone or not file.path.endswith(".py"):
        tests = f"{count} test{'' if count == 1 else 's'}" if count else ""
        yield PolicyChange(Relaxed.TEST, file.path, None, "a file of tests", tests, "deleted")


def _tests(text: str | None) -> dict[str, int]:
    """The names of the tests of a file, with their class, and the line of each."""
    tree = parse(text) if text else None
    found: dict[str, int] = {}
    stack: list[tuple[ast.AST, str]] = [(tree, "")] if tree else []
    while stack:
        node, prefix = stack.pop()
        for child in getattr(node, "body", ()):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) and child.name.startswith("test"):
                found[prefix + child.name] = child.lineno
            elif isinstance(child, ast.ClassDef):
                stack.append((child, f"{prefix}{child.name}."))
            elif isinstance(child, ast.If | ast.Try | ast.With):
                stack.append((child, prefix))
    return found


def _name(test: str) -> str:
    return test.rpartition(".")[2]


def _skipped(file: FileChange) -> Iterator[PolicyChange]:
    """The skips on added lines: decorators, marks, calls, and what a conftest says of collection."""
    tree = parse(file.text) if file.is_python and file.text else None
    if tree is None:
        return
    tests = sorted((line, test) for test, line in _tests(file.text).items())
    seen: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        what = _skip(node) if file.touches(line) else ""
        if what and (line, what) not in seen:
            seen.add((line, what))
            name = _concerned(node, line, tests)
            yield PolicyChange(Relaxed.TEST, file.path, line, f"{what}: {name}" if name else what, "", what)


def _skip(node: ast.AST) -> str:
    """What kind of skip a node is; empty for anything else."""
    if isinstance(node, ast.FunctionDef) and node.name in _HOOKS:
        return f"decided by the hook {node.name}"
    if isinstance(node, ast.Attribute):
        return _SKIPS.get(node.attr, "")
    if isinstance(node, ast.Name) and node.id not in ("skip", "xfail"):
        return _SKIPS.get(node.id, "")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _SKIPS.get(node.func.id, "")
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
