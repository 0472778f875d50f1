"""Changes, rules and tasks for the tests of the planner."""

from __future__ import annotations

from hypothesis import strategies as st

from gatekeeper.model.candidate import Project
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.plan import Pillar
from gatekeeper.model.rules import Level, Rules
from gatekeeper.planning.ground import Ground
from gatekeeper.planning.schedule import Task

RULES = Rules(
    delegation=(
        (Level.DIRECT, 1), (Level.ONE_AGENT, 3), (Level.TWO_TO_THREE_AGENTS, 8), (Level.FULL_DELEGATION, 16)
    ),
    workstream_per_directory_from=2,
    launch_seconds_max=1.0,
    parallelisation_rate_min=0.95,
    utilisation_min=0.9,
    gate_coverage_min=1.0,
    pillars=(Pillar.REVIEW, Pillar.TESTS, Pillar.DOCS),
    max_fix_iterations=3,
)  # fmt: skip


def changed(path: str, text: str = "", base: str | None = None) -> FileChange:
    """A file that is new, or that differs as a whole from its base."""
    lines = text.count("\n") + 1 if text else 0
    old = base.count("\n") + 1 if base else 0
    hunks = (Hunk(1 if old else 0, old, 1, lines),) if lines or old else ()
    kind = ChangeKind.ADDED if base is None else ChangeKind.MODIFIED
    return FileChange(path, kind, hunks=hunks, text=text, base_text=base)


def deleted(path: str, base: str = "") -> FileChange:
    """A file that is gone."""
    return FileChange(path, ChangeKind.DELETED, hunks=(Hunk(1, 3, 0, 0),), base_text=base)


def binary(path: str) -> FileChange:
    """A changed file without text."""
    return FileChange(path, ChangeKind.MODIFIED, binary=True)


def moved(path: str, old: str, text: str = "") -> FileChange:
    """A file that lies elsewhere than before."""
    return FileChange(path, ChangeKind.RENAMED, old_path=old, text=text, base_text=text)


def change(*files: FileChange, message: str = "") -> Change:
    """A change of these files."""
    return Change("base", "head", files, message)


def ground(*names: str, roots: tuple[str, ...] = ("src",), **texts: str) -> Ground:
    """A tree with these files and one project."""
    return Ground(frozenset(names), (Project("", roots, ()),), texts)


@st.composite
def task_graphs(draw: st.DrawFn, most: int = 12) -> tuple[Task, ...]:
    """Tasks, each of which may need those before it."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, most))):
        needs = draw(st.lists(st.sampled_from(tasks), max_size=3, unique=True)) if tasks else []
        tasks.append(Task(f"t{number}", float(draw(st.integers(0, 30))), tuple(task.id for task in needs)))
    return tuple(tasks)


_FOLDERS = (
    "",
    "src/app/",
    "src/app/api/",
    "src/core/",
    "tests/",
    "tests/api/",
    "docs/",
    "tools/",
    ".github/workflows/",
)
_NAMES = (
    "a.py",
    "b.py",
    "test_a.py",
    "test_b.py",
    "__init__.py",
    "conftest.py",
    "a.md",
    "CHANGELOG.md",
    "x.bin",
    "y.ts",
)
_TEXTS = (
    "", "x = 1\n", "def f():\n    return 1\n", "import app.a\n", "from app import b\n", "from . import a\nfrom .b import f\n",
    "from ..core.a import f\n", "def broken(:\n", "import core.b as a\n", "class A:\n    def m(self): ...\n",
)  # fmt: skip


@st.composite
def changes(draw: st.DrawFn) -> Change:
    """A change of up to thirty files of every kind, whose texts import one another, also in circles."""
    paths = st.tuples(st.sampled_from(_FOLDERS), st.sampled_from(_NAMES)).map("".join)
    files = []
    for path in draw(st.lists(paths | st.text(min_size=1, max_size=5), unique=True, max_size=30)):
        kind = draw(st.sampled_from(ChangeKind))
        text = None if kind is ChangeKind.DELETED else draw(st.none() | st.sampled_from(_TEXTS))
        files.append(
            FileChange(
                path,
                kind,
                old_path=draw(paths) if kind in (ChangeKind.RENAMED, ChangeKind.COPIED) else None,
                mode=draw(st.sampled_from(("100644", "100644", "100755", "160000", "120000"))),
                binary=draw(st.booleans()) and text is None,
                hunks=(Hunk(1, draw(st.integers(0, 200)), 1, draw(st.integers(0, 200))),) if text else (),
                text=text,
                base_text=draw(st.none() | st.sampled_from(_TEXTS)),
            )
        )
    message = draw(st.sampled_from(("", "fix: a", "Add b", "Fix crash, closes #3", "feat: x\n\nfix: y")))
    return Change("base", "head", tuple(files), message)
