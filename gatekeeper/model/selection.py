"""What is known of tests from earlier runs, and which of them need not be run again."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.model.frozen import dataclass, field

Units = Mapping[str, frozenset[int]]
"""Parts of files, by path: the number of a function in the order of the file, or one of the numbers below."""

AT_IMPORT = -1
"""The number of the part of a file that an import executes."""
DOCSTRINGS = -2
"""The number that stands for the docstrings of modules, of classes, and of functions that are not inside of others."""
ANNOTATIONS = -3
"""The number that stands for the annotations of such functions, where an import keeps them as texts."""


@dataclass(frozen=True, slots=True)
class Touched:
    """What a test, or the session around all tests, was seen to depend on.

    `reads` are files of the tree that were opened, `lists` folders whose names were read. `everything` says why it
    depends on all there is; `lines` that it asks for numbers of lines, so that a shift may change its outcome.
    `texts` are what was read of what functions and modules say of themselves: `__doc__` or `__annotations__`, a colon,
    and the file in which they stand, or nothing for all files. With `starts` programs were started, and what these
    opened is among `reads`: a folder, with a slash at its end, stands for all files in it but documents.
    """

    entered: Units = field(default_factory=dict)
    reads: frozenset[str] = frozenset()
    lists: frozenset[str] = frozenset()
    everything: str = ""
    lines: bool = False
    texts: frozenset[str] = frozenset()
    starts: bool = False


ASKS_GIT = "it starts a program that asks Git"
"""Why a test depends on everything, in the words of `inside/record_children.py`, that depends on more than a tree."""

NOT_PASSED = "it did not pass the last time"
"""How the reason begins for which a test runs again that failed."""


@dataclass(frozen=True, slots=True)
class KnownTest:
    """A test that was run: its file, whether its outcome may be reused, and what it touched.

    `again` says why it has to run in any case (it failed, it is no function), and is empty otherwise. One that was
    skipped, or failed as expected, is `skipped`: what it touched decides that too. It took `seconds` when it ran.
    """

    path: str
    again: str
    touched: Touched
    skipped: bool = False
    seconds: float = 0.0


Covering = Mapping[str, Mapping[str, frozenset[tuple[int, ...]]]]
"""Lines, or branches, by the test that ran them first, and by file: `(line,)`, or `(from, to)` as coverage has them.

What ran outside of any test stands under the empty name.
"""


@dataclass(frozen=True, slots=True)
class Covered:
    """What tests were seen to cover, each line under one test that ran it.

    `settings` names the settings of coverage under which it was measured, `branches` tells whether these are branches.
    `whole` is false where something that tests cover may not be among it.
    """

    settings: str
    branches: bool
    by: Covering
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file that was loaded: its blob, the names that it imports, and where each function begins and ends.

    `spans` are pairs of lines, those of functions that are inside of no other one, in the order of the text.
    """

    blob: str
    names: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class TestMap:
    """What the tests of one project depend on, as of one tree.

    `kept` are the functions whose work outlives a test: they ran while a module was imported, or in a cache. `modules`
    gives the file of each loaded module, `edges` the imports that were seen to happen (from nothing where pytest itself
    imported), `loaded` what each loaded file says. `untracked` are loaded files that are no part of the tree, with
    their blobs. `environment` is what else the outcomes hang on, part by part. `covered` is there where coverage was
    measured. `outside` is how the places looked where the environment lies, and `asked` a digest of how the run was
    asked for; both are empty where a run has to be started to know what it would collect. `made` tells of each module
    that read texts while it was imported which ones, as `Touched.texts` does. `patterns` are those for the names
    of files in which tests are looked for; empty where that is not known.
    """

    __test__ = False  # pytest would take the name for a test class

    tree: str
    environment: Mapping[str, str]
    tests: Mapping[str, KnownTest]
    session: Touched
    kept: Units
    modules: Mapping[str, str]
    edges: frozenset[tuple[str, str]]
    loaded: Mapping[str, Loaded]
    untracked: Mapping[str, str] = field(default_factory=dict)
    covered: Covered | None = None
    outside: Mapping[str, str] = field(default_factory=dict)
    asked: str = ""
    made: frozenset[tuple[str, str]] = frozenset()
    patterns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestOrder:
    """In which order the files of tests run: those of `first`, then those in neither, then those of `last`."""

    __test__ = False  # pytest would take the name for a test class

    first: tuple[str, ...] = ()
    last: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tests need not be run: those of `reuse`, whose outcome in `tree` holds.

    `runs` are the known tests that have to run, each with the reason. Where all have to, `all_because` says why, and
    both are empty. `environment` and `untracked` are those that the reused outcomes hang on. `covered` is what the
    tests of `reuse` cover, with the lines of the head; what other tests covered stands under the empty name. `passed`
    counts the tests of `reuse` that were not skipped. `answers` are the reports of jobs, by their id, that are known
    already, so that the jobs need no program. `order` is that of the files where a run ends at its first failure.
    `seconds` is how long the known tests take that have to run, one after another; None where nothing is known of them.
    """

    tree: str = ""
    reuse: tuple[str, ...] = ()
    runs: Mapping[str, str] = field(default_factory=dict)
    all_because: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    untracked: Mapping[str, str] = field(default_factory=dict)
    covered: Covered | None = None
    passed: int = 0
    answers: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    order: TestOrder | None = None
    seconds: float | None = None
