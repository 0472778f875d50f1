"""Which folders a change brings or takes is told by the paths of the head."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.model.change import ChangeKind, FileChange
from gatekeeper.planning.selection_paths import folders_that_differ

PATHS = st.sets(
    st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map(lambda parts: "/".join([*parts, "x.txt"])), max_size=8
)


def folders(paths: set[str]) -> set[str]:
    parts = [path.split("/")[:-1] for path in paths]
    return {"/".join(each[:count]) for each in parts for count in range(1, len(each) + 1)}


@given(PATHS, PATHS)
def test_the_folders_are_those_of_one_side_alone(before: set[str], after: set[str]) -> None:
    files = [FileChange(path, ChangeKind.ADDED) for path in after - before]
    files += [FileChange(path, ChangeKind.DELETED) for path in before - after]
    assert folders_that_differ(files, after) == folders(before) ^ folders(after)
    assert folders_that_differ(files, None) >= folders(before) ^ folders(after)


def test_a_file_that_is_renamed_goes_in_one_folder_and_comes_in_another() -> None:
    files = [FileChange("new/a.txt", ChangeKind.RENAMED, "old/deep/a.txt"), FileChange("b.txt", ChangeKind.MODIFIED)]
    assert folders_that_differ(files, {"new/a.txt", "old/c.txt", "b.txt"}) == {"new", "old/deep"}
    assert folders_that_differ(
        [FileChange("new/a.txt", ChangeKind.COPIED, "old/a.txt")], {"new/a.txt", "old/a.txt"}
    ) == {"new"}
