"""The diff reader against what Git says of the same trees."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.formats.unified_diff import UnreadableDiff, join_sections, read_patch, read_raw, split_output
from gatekeeper.model.change import ChangeKind, Hunk
from tests.repository import GitRepository

_LINES = st.lists(
    st.sampled_from(
        ["a", "b", "-- a/x", "++ b/x", "@@ -1 +1 @@", "diff --git a/x b/x", "", "Binary files a and b", " "]
    )
    | st.text(alphabet="xyz é\r", max_size=4),
    max_size=12,
)


def _text(lines: list[str], ends: bool) -> bytes:
    return ("\n".join(lines) + ("\n" if ends and lines else "")).encode()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=_LINES, after=_LINES, ends=st.booleans())
def test_hunks_count_what_git_counts(before: list[str], after: list[str], ends: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        repository = GitRepository.create(Path(folder, "r"))
        repository.commit({"x": _text(before, True), "other": b"same\n"})
        first = repository.git("rev-parse", "HEAD^{tree}")
        repository.stage({"x": _text(after, ends)})
        second = repository.git("write-tree")
        output = repository.edge.run("diff-tree", "-r", "-z", "--raw", "-p", "-U0", first, second)
        raw_part, patch = split_output(output)
        raw = read_raw(raw_part)
        sections = join_sections(raw, read_patch(patch))
        counted = repository.git("diff-tree", "-r", "--numstat", first, second).splitlines()
    assert len(counted) == len(raw)
    for line, section in zip(counted, sections, strict=True):
        added, removed, _ = line.split("\t")
        assert sum(hunk.new_count for hunk in section.hunks) == int(added)
        assert sum(hunk.old_count for hunk in section.hunks) == int(removed)


def test_kinds_of_change_are_told_apart(repository: GitRepository) -> None:
    body = "".join(f"line {n}\n" for n in range(20))
    repository.commit({"moved.py": body, "gone.py": "1\n", "kept.sh": "x\n", "kind": "file\n", "pic": b"\0\1"})
    first = repository.git("rev-parse", "HEAD^{tree}")
    repository.git("mv", "moved.py", "new name\twith\ntricks.py")
    repository.git("rm", "--quiet", "gone.py", "kind")
    (repository.path / "kind").symlink_to("kept.sh")
    (repository.path / "kept.sh").chmod(0o755)
    repository.stage({"added.py": "a\nb\n", "pic": b"\0\2"})
    repository.git("add", "--all")
    second = repository.git("write-tree")
    raw_part, patch = split_output(
        repository.edge.run("diff-tree", "-r", "-z", "-M", "--raw", "-p", "-U0", first, second)
    )
    raw = {change.path: change for change in read_raw(raw_part)}
    sections = dict(zip(raw, join_sections(tuple(raw.values()), read_patch(patch)), strict=True))
    assert raw["new name\twith\ntricks.py"].kind is ChangeKind.RENAMED
    assert raw["new name\twith\ntricks.py"].old_path == "moved.py"
    assert raw["gone.py"].kind is ChangeKind.DELETED
    assert raw["kind"].kind is ChangeKind.TYPE_CHANGED
    assert (raw["kept.sh"].old_mode, raw["kept.sh"].mode) == ("100644", "100755")
    assert sections["added.py"].hunks == (Hunk(0, 0, 1, 2),)
    assert sections["pic"].binary


@pytest.mark.parametrize(
    "patch", [b"diff --git a/x b/x\n@@ -1,3 +1 @@\n-a\n", b"diff --git a/x b/x\n@@ -0,0 +1,9 @@\n+a"]
)
def test_a_cut_patch_is_no_small_patch(patch: bytes) -> None:
    with pytest.raises(UnreadableDiff):
        read_patch(patch)


def test_a_missing_section_is_noticed() -> None:
    raw = read_raw(b":100644 100644 " + b"1" * 40 + b" " + b"2" * 40 + b" M\0x\0")
    with pytest.raises(UnreadableDiff, match="1 sections were expected"):
        join_sections(raw, ())
