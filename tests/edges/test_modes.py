"""Modes and rules of real repositories."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gatekeeper.edges.branches import branch_of
from gatekeeper.edges.modes import governing_library, library_of
from gatekeeper.edges.targets import Wish, find_target
from gatekeeper.model.errors import UsageError

MODE = "---\nname: {}\n---\n"


def staged(repository, files):
    repository.stage(files)
    return library_of(repository.edge, find_target(repository.edge, Wish(staged=True)).head_tree)


def refusal(repository, files):
    with pytest.raises(UsageError) as caught:
        staged(repository, files)
    return caught.value.message.splitlines()


def test_the_built_in_ones_are_there(repository):
    library = staged(repository, {"a.py": ""})
    assert [(mode.name, mode.source) for mode in library.modes] == [("Parallel_Orchestration", "built in")]
    assert library.rule_names == {"parallel-execution-rules", "quality-gate-rules"}
    assert library.notes == ()


def test_those_of_the_tree_are_added(repository):
    files = {
        ".gatekeeper/modes/strict.md": MODE.format("Strict"),
        ".gatekeeper/modes/README.md": "How we work\n",
        ".gatekeeper/rules/own.md": "---\nname: own\nmax_fix_iterations: 2\n---\n",
        "pkg/.gatekeeper/modes/x.md": "of no interest",
    }
    library = staged(repository, files)
    assert library.mode("Strict").source == ".gatekeeper/modes/strict.md"
    assert "own" in library.rule_names
    assert library.notes == ()


def test_what_is_not_read_is_said(repository):
    files = {".gatekeeper/modes/a.txt": "", ".gatekeeper/modes/deep/a.md": "", ".gatekeeper/rules/A.MD": ""}
    notes = staged(repository, files).notes
    assert [note.split(" is not read")[0] for note in notes] == sorted(files)


def test_a_built_in_name_is_shadowed_with_a_note(repository):
    files = {
        ".gatekeeper/modes/p.md": MODE.format("Parallel_Orchestration"),
        ".gatekeeper/rules/q.md": "---\nname: quality-gate-rules\nmax_fix_iterations: 1\n---\n",
    }
    library = staged(repository, files)
    assert [mode.source for mode in library.modes] == [".gatekeeper/modes/p.md"]
    assert library.notes == (
        "the mode Parallel_Orchestration of the repository takes the place of the built-in one",
        "the rules quality-gate-rules of the repository hold beside the built-in ones: of two demands the stricter counts",
    )


def test_all_mistakes_of_all_files_are_told(repository):
    (repository.path / ".gatekeeper/modes").mkdir(parents=True)
    (repository.path / ".gatekeeper/modes/link.md").symlink_to("/etc/passwd")
    repository.git("add", ".gatekeeper/modes/link.md")
    files = {
        ".gatekeeper/modes/a.md": MODE.format("Same"),
        ".gatekeeper/modes/b.md": MODE.format("Same"),
        ".gatekeeper/modes/c.md": "---\nname: C\npriority: top\ngruop: g\n---\n",
        ".gatekeeper/modes/big.md": "---\n" + "a" * 300_000,
        ".gatekeeper/modes/raw.md": b"---\nname: a\xff\n---\n",
        ".gatekeeper/rules/d.md": "nothing",
    }
    head, *lines = refusal(repository, files)
    assert head == "the modes and rules of the repository have 7 mistakes"
    assert lines == [
        ".gatekeeper/modes/big.md: this cannot be read; it must be a regular file of at most 256 kB",
        ".gatekeeper/modes/c.md:4: unknown key `gruop`; did you mean `group`?",
        '.gatekeeper/modes/c.md:3: `priority` must be one of `low`, `medium`, `high`, not the text "top"',
        ".gatekeeper/modes/link.md: this cannot be read; it must be a regular file of at most 256 kB",
        ".gatekeeper/modes/raw.md:2: byte 0xff is not UTF-8; save the file as UTF-8",
        ".gatekeeper/modes/b.md: the name `Same` is that of .gatekeeper/modes/a.md too; rename one",
        ".gatekeeper/rules/d.md:1: there is no front matter: the first line must be `---`",
    ]


def test_names_and_contents_may_be_hostile(repository):
    name = ".gatekeeper/modes/\x1b[31m\n-x\udcff.md"
    assert refusal(repository, {name: "x"})[1].startswith(".gatekeeper/modes/\\x1b[31m\\n-x\\xff.md:1: there is no")


def test_a_range_is_governed_by_its_base(repository):
    repository.commit({".gatekeeper/modes/strict.md": MODE.format("Strict")})
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit({".gatekeeper/modes/strict.md": MODE.format("Mild"), "a.py": ""})
    target = find_target(repository.edge, Wish(base="main"))
    library = governing_library(repository.edge, target)
    assert {mode.name for mode in library.modes} == {"Parallel_Orchestration", "Strict"}
    assert library.notes[0].endswith("that takes effect once it is merged")
    repository.commit({"b.py": "", ".gatekeeper/modes/strict.md": MODE.format("Strict")})
    assert governing_library(repository.edge, find_target(repository.edge, Wish(base="main"))).notes == ()


def test_what_a_range_brings_must_be_sound(repository):
    repository.commit({"a.py": ""})
    repository.git("checkout", "-q", "-b", "topic")
    repository.commit({".gatekeeper/modes/strict.md": "broken"})
    with pytest.raises(UsageError, match="have 1 mistake"):
        governing_library(repository.edge, find_target(repository.edge, Wish(base="main")))


def test_the_branch_of_a_target(repository):
    repository.commit({"a.py": ""})
    repository.git("checkout", "-q", "-b", "fix/ü")
    first = repository.commit({"a.py": "1\n"})
    target = find_target(repository.edge, Wish(base="main"))
    assert branch_of(repository.edge, target, {"GITHUB_HEAD_REF": "x"}) == "fix/ü"
    repository.git("pack-refs", "--all")
    assert branch_of(repository.edge, target, {}) == "fix/ü"
    repository.git("update-ref", "refs/heads/linked", first)
    head = repository.path / ".git" / "HEAD"
    head.unlink()
    head.symlink_to("refs/heads/linked")  # as Git once made it
    assert branch_of(repository.edge, target, {}) == "linked"
    repository.git("checkout", "-q", "--detach")
    assert branch_of(repository.edge, target, {}) == ""
    assert branch_of(repository.edge, target, {"GITHUB_HEAD_REF": "feature/x"}) == "feature/x"
    repository.commit({"a.py": "2\n"})
    older = find_target(repository.edge, Wish(start="main", end=first))
    assert branch_of(repository.edge, older, {"GITHUB_HEAD_REF": "x"}) == ""


def test_the_built_in_ones_are_parsed_once_for_all_runs():
    look = (
        "import sys; from gatekeeper.edges.modes import built_in_library;"
        "print(len(built_in_library().modes), 'yaml' in sys.modules)"
    )
    said = [subprocess.run((sys.executable, "-c", look), capture_output=True, text=True, check=True) for _ in range(2)]
    assert [run.stdout for run in said] == ["1 True\n", "1 False\n"]
