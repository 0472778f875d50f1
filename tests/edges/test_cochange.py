"""What Git tells of files that were changed together."""

from __future__ import annotations

from gatekeeper.edges.cochange import changed_together
from tests.repository import GitRepository


def test_the_files_of_each_commit_the_newest_first(repository: GitRepository) -> None:
    repository.commit({"a.py": "1\n", "b.py": "1\n"})
    repository.commit({"\nodd\n.py": "1\n"})
    newest = repository.commit({"a.py": "2\n", "c.py": "1\n"})
    repository.git("commit", "--allow-empty", "--quiet", "--message", "nothing")
    assert changed_together(repository.edge, newest) == (
        frozenset({"a.py", "c.py"}), frozenset({"\nodd\n.py"}), frozenset({"a.py", "b.py"})
    )  # fmt: skip
    assert changed_together(repository.edge, repository.git("rev-parse", "HEAD"))[0] == frozenset()


def test_where_git_cannot_tell_there_is_no_hint(repository: GitRepository) -> None:
    assert changed_together(repository.edge, "") == ()
    assert changed_together(repository.edge, "f" * 40) == ()
    assert changed_together(repository.edge, "--output=x") == ()
