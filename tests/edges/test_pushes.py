"""Which commits a push brings: new, rewritten, joined, unknown and protected references, at both ends."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gatekeeper.edges.git import Repository
from gatekeeper.edges.pushes import Push, received, sent
from gatekeeper.formats.push_lines import RefUpdate
from gatekeeper.model.candidate import TargetKind
from gatekeeper.model.errors import UsageError
from tests.repository import GitRepository

ZERO = "0" * 40


@pytest.fixture
def remote(repository: GitRepository, tmp_path: Path) -> GitRepository:
    """A bare repository, which the repository knows as `origin` and to which its first commit was pushed."""
    bare = GitRepository.create(tmp_path / "remote.git", "--bare")
    repository.commit({"a.txt": "1\n"}, "first")
    repository.git("remote", "add", "origin", str(bare.path))
    repository.git("push", "--quiet", "origin", "main")
    return bare


def push(repository: GitRepository, name: str, old: str = ZERO, new: str = "", remote: str = "origin") -> Push:
    """What the push of one branch brings."""
    new = new or repository.git("rev-parse", name)
    return sent(repository.edge, remote, [RefUpdate(f"refs/heads/{name}", old, new, f"refs/heads/{name}")])[0]


def base(found: Push) -> str:
    """The commit against which a push is judged."""
    assert found.target is not None, found.problem
    assert found.target.kind is TargetKind.RANGE
    return found.target.base


def branch(repository: GitRepository, name: str, start: str = "main") -> str:
    """Make a branch with one commit of its own."""
    repository.git("switch", "--quiet", "--create", name, start)
    return repository.commit({f"{name}.txt": f"{name} of {start}\n"}, f"on {name}")


def test_a_branch_that_is_there_is_judged_since_what_the_remote_has(
    repository: GitRepository, remote: GitRepository
) -> None:
    old = repository.git("rev-parse", "main")
    repository.commit({"a.txt": "2\n"}, "second\n\nDocs: skip (because)")
    found = push(repository, "main", old)
    assert base(found) == old
    assert found.refs == ("main",)
    assert found.target is not None
    assert "Docs: skip (because)" in found.target.message
    assert "what origin has" in found.target.title


def test_a_new_branch_is_judged_since_the_last_commit_that_the_remote_has(
    repository: GitRepository, remote: GitRepository
) -> None:
    first = repository.git("rev-parse", "main")
    one = branch(repository, "one")
    branch(repository, "two", "one")
    assert base(push(repository, "two")) == first
    repository.git("push", "--quiet", "origin", "one")
    assert base(push(repository, "two")) == one


def test_a_new_branch_that_has_merged_the_default_branch_is_judged_since_that(
    repository: GitRepository, remote: GitRepository
) -> None:
    branch(repository, "topic")
    repository.git("switch", "--quiet", "main")
    latest = repository.commit({"b.txt": "1\n"})
    repository.git("push", "--quiet", "origin", "main")
    repository.git("switch", "--quiet", "topic")
    repository.git("merge", "--quiet", "--no-edit", "main")
    assert base(push(repository, "topic")) == latest


def test_commits_that_the_remote_has_elsewhere_are_not_judged_again(
    repository: GitRepository, remote: GitRepository
) -> None:
    branch(repository, "topic")
    repository.git("push", "--quiet", "origin", "topic")
    found = push(repository, "topic").target
    assert found is not None
    assert found.base_tree == found.head_tree
    assert "already" in found.title


def test_commits_that_are_new_to_a_branch_are_judged_even_if_the_remote_has_them_elsewhere(
    repository: GitRepository, remote: GitRepository
) -> None:
    first = repository.git("rev-parse", "main")
    topic = branch(repository, "topic")
    repository.git("push", "--quiet", "origin", "topic")
    assert base(push(repository, "main", first, topic)) == first


def test_a_forced_push_is_judged_since_the_histories_part(repository: GitRepository, remote: GitRepository) -> None:
    first = repository.git("rev-parse", "main")
    old = branch(repository, "topic")
    repository.git("commit", "--quiet", "--amend", "--message", "other words")
    assert base(push(repository, "topic", old)) == first


def test_a_rebased_branch_is_judged_without_what_it_was_rebased_on(
    repository: GitRepository, remote: GitRepository
) -> None:
    old = branch(repository, "topic")
    repository.git("push", "--quiet", "origin", "topic")
    repository.git("switch", "--quiet", "main")
    latest = repository.commit({"b.txt": "1\n"})
    repository.git("push", "--quiet", "origin", "main")
    repository.git("switch", "--quiet", "topic")
    repository.git("rebase", "--quiet", "main")
    assert base(push(repository, "topic", old)) == latest


def test_a_branch_that_goes_back_is_judged_and_brings_nothing(repository: GitRepository, remote: GitRepository) -> None:
    first = repository.git("rev-parse", "main")
    old = repository.commit({"a.txt": "2\n"})
    assert base(push(repository, "main", old, first)) == first


def test_a_commit_of_the_remote_that_is_not_here_is_told(repository: GitRepository, remote: GitRepository) -> None:
    first = repository.git("rev-parse", "main")
    branch(repository, "topic")
    found = push(repository, "topic", "1" * 40)
    assert base(found) == first
    assert found.target is not None
    assert "111111111, which is not here" in found.target.title


def test_a_history_of_its_own_is_judged_from_its_root(repository: GitRepository, remote: GitRepository) -> None:
    old = repository.git("rev-parse", "main")
    repository.git("switch", "--quiet", "--orphan", "alone")
    repository.commit({"alone.txt": "1\n"}, "root")
    for place in (ZERO, old):
        found = push(repository, "alone", place).target
        assert found is not None
        assert (found.base, found.base_tree) == ("", repository.edge.empty_tree)
        assert found.message.strip() == "root"


def test_the_first_push_of_all_is_judged_from_the_root(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    repository.commit({"a.txt": "2\n"})
    assert base(push(repository, "main")) == ""
    assert base(push(repository, "main", remote="https://example.invalid/a.git")) == ""


def test_a_push_to_an_address_goes_by_the_usual_base(repository: GitRepository, remote: GitRepository) -> None:
    first = repository.git("rev-parse", "main")
    branch(repository, "topic")
    found = push(repository, "topic", remote=str(remote.path))
    assert base(found) == first
    assert found.target is not None
    assert str(remote.path) not in found.target.title
    repository.git("remote", "remove", "origin")
    assert base(push(repository, "topic", remote=str(remote.path))) == first
    assert base(push(repository, "main", remote=str(remote.path))) == ""


def test_the_configured_base_counts_where_the_remote_is_unknown(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    branch(repository, "develop")
    develop = repository.commit({".gatekeeper.yml": "base: develop\n"})
    branch(repository, "topic", "develop")
    assert base(push(repository, "topic")) == develop


def test_tags_are_peeled_and_the_same_range_is_judged_once(repository: GitRepository, remote: GitRepository) -> None:
    old = repository.git("rev-parse", "main")
    head = repository.commit({"a.txt": "2\n"})
    repository.git("tag", "--annotate", "--message", "one", "v1")
    tag = repository.git("rev-parse", "v1")
    assert tag != head
    updates = [
        RefUpdate("refs/heads/main", old, head, "refs/heads/main"),
        RefUpdate("refs/tags/v1", ZERO, tag, "refs/tags/v1"),
        RefUpdate("refs/heads/gone", old, ZERO, "(delete)"),
    ]
    found = sent(repository.edge, "origin", updates)
    assert [push.refs for push in found] == [("main", "tag v1")]
    assert base(found[0]) == old


def test_many_names_of_one_commit_are_looked_at_once(
    repository: GitRepository, remote: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = branch(repository, "topic")
    asked: list[str] = []
    attempt = Repository.attempt
    monkeypatch.setattr(Repository, "attempt", lambda *a, **k: asked.append(a[1]) or attempt(*a, **k))
    counts = []
    for number in (1, 200):
        asked.clear()
        (found,) = sent(
            repository.edge, "origin", [RefUpdate(f"refs/heads/t{n}", ZERO, commit, "t") for n in range(number)]
        )
        counts.append((len(asked), len(found.refs)))
    assert counts == [(counts[0][0], 1), (counts[0][0], 200)]


def test_what_is_no_commit_cannot_be_judged(repository: GitRepository, remote: GitRepository) -> None:
    blob = repository.git("rev-parse", "HEAD:a.txt")
    found = sent(repository.edge, "origin", [RefUpdate("refs/tags/key", ZERO, blob, "refs/tags/key")])
    assert found[0].target is None
    assert found[0].problem is not None
    assert "no commit" in found[0].problem.message


def test_a_repository_with_longer_ids(tmp_path: Path) -> None:
    repository = GitRepository.create(tmp_path / "long", "--object-format=sha256")
    old = repository.commit({"a.txt": "1\n"})
    new = repository.commit({"a.txt": "2\n"})
    assert base(push(repository, "main", old, new)) == old
    assert base(push(repository, "main", "0" * 64, new)) == ""


def test_a_shallow_clone_says_so_instead_of_judging_everything(
    repository: GitRepository, remote: GitRepository, tmp_path: Path
) -> None:
    repository.commit({"a.txt": "2\n"})
    repository.git("push", "--quiet", "origin", "main")
    url = remote.path.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth=1", url, str(tmp_path / "shallow")], check=True)
    shallow = GitRepository(tmp_path / "shallow")
    shallow.commit({"b.txt": "1\n"})
    assert base(push(shallow, "main", shallow.git("rev-parse", "HEAD~1"))) == shallow.git("rev-parse", "HEAD~1")
    shallow.git("remote", "rename", "origin", "else")
    shallow.git("branch", "--remotes", "--delete", "else/HEAD", "else/main")
    found = push(shallow, "main", remote="somewhere")
    assert found.problem is not None
    assert "--unshallow" in found.problem.hint


@pytest.mark.parametrize("name", ["*", "a b", "-x", "..", "origin?"])
def test_remotes_of_odd_names_are_not_followed(repository: GitRepository, remote: GitRepository, name: str) -> None:
    first = repository.git("rev-parse", "main")
    branch(repository, "topic")
    assert base(push(repository, "topic", remote=name)) == first


def arrive(repository: GitRepository, name: str, old: str, new: str) -> tuple[Push, ...]:
    """What this repository would receive with one reference."""
    return received(repository.edge, [RefUpdate(name, old, new)])


def test_without_a_word_the_default_branch_is_protected(repository: GitRepository) -> None:
    old = repository.commit({"a.txt": "1\n"})
    new = branch(repository, "topic")
    repository.git("switch", "--quiet", "main")
    assert [base(push) for push in arrive(repository, "refs/heads/main", old, new)] == [old]
    for name in ("refs/heads/other", "refs/heads/feature/main", "refs/tags/main", "refs/notes/main"):
        assert arrive(repository, name, ZERO, new) == ()
    assert arrive(repository, "refs/heads/main", old, ZERO) == ()


def test_another_name_of_a_protected_branch_is_protected(repository: GitRepository) -> None:
    old = repository.commit({"a.txt": "1\n"})
    new = branch(repository, "topic")
    repository.git("switch", "--quiet", "main")
    repository.git("symbolic-ref", "refs/heads/master", "refs/heads/main")
    (found,) = arrive(repository, "refs/heads/master", old, new)
    assert found.refs == ("main",)


def test_the_first_commit_of_the_default_branch_is_judged(repository: GitRepository, tmp_path: Path) -> None:
    commit = repository.commit({"a.txt": "1\n"})
    bare = GitRepository.create(tmp_path / "bare.git", "--bare")
    repository.git("push", "--quiet", str(bare.path), "main:refs/heads/elsewhere")
    found = arrive(bare, "refs/heads/main", ZERO, commit)
    assert [base(push) for push in found] == [""]


def test_branches_are_protected_by_pattern(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": "protected: [main, 'release/*', '!release/old']\n"})
    new = branch(repository, "topic")
    repository.git("switch", "--quiet", "main")
    wanted = {"main": 1, "release/1": 1, "release/old": 0, "release": 0, "feature/main": 0, "topic": 0}
    assert {name: len(arrive(repository, f"refs/heads/{name}", ZERO, new)) for name in wanted} == wanted


def test_a_branch_may_protect_itself_and_cannot_take_protection_away(repository: GitRepository) -> None:
    repository.commit({".gatekeeper.yml": "protected: [main, 'release/*']\n"})
    own = repository.commit({".gatekeeper.yml": "protected: [topic]\n"})
    repository.git("update-ref", "refs/heads/topic", own)
    repository.git("reset", "--quiet", "--hard", "HEAD~1")
    new = repository.commit({"a.txt": "1\n"})
    for name in ("topic", "release/1", "main"):
        assert len(arrive(repository, f"refs/heads/{name}", own, new)) == 1
    assert arrive(repository, "refs/heads/other", own, new) == ()


def test_a_broken_configuration_stops_what_it_might_protect(repository: GitRepository) -> None:
    sound = repository.commit({".gatekeeper.yml": "protected: [main]\n"})
    broken = repository.commit({".gatekeeper.yml": "protected: 3\n"})
    repository.git("reset", "--quiet", "--hard", sound)
    assert arrive(repository, "refs/heads/topic", broken, sound) == ()
    repository.git("reset", "--quiet", "--hard", broken)
    with pytest.raises(UsageError):
        arrive(repository, "refs/heads/topic", sound, broken)


def test_a_new_protected_branch_is_judged_by_the_policy_of_the_default_branch(repository: GitRepository) -> None:
    first = repository.commit({"a.txt": "1\n"})
    new = branch(repository, "topic")
    repository.git("switch", "--quiet", "main")
    latest = repository.commit({".gatekeeper.yml": "protected: ['release/*']\n"})
    (found,) = arrive(repository, "refs/heads/release/1", ZERO, new)
    assert base(found) == first
    assert found.target is not None
    assert found.target.policy == latest


def test_a_forced_push_to_a_protected_branch_is_judged_against_what_it_has(repository: GitRepository) -> None:
    repository.commit({"a.txt": "1\n"})
    new = branch(repository, "topic")
    repository.git("switch", "--quiet", "main")
    latest = repository.commit({"b.txt": "1\n"})
    (found,) = arrive(repository, "refs/heads/main", latest, new)
    assert base(found) == latest
