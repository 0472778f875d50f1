"""Gatekeeper as a hook of the real pre-commit and the real prek: commits, merges, pushes, and an isolated environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import GitRepository

TOOLS = [pytest.param(name, id=name) for name in ("pre-commit", "prek")]
LOOK = "sh -ec 'if test -e need.txt; then test -e needed.txt; fi; grep -q fine a.txt'"
GATES = f'gates:\n  review: off\n  coverage: off\n  tests: off\n  docs: off\n  look: {{run: "{LOOK}"}}\n'
STAGES = ("pre-commit", "pre-merge-commit", "pre-push", "commit-msg")
HERE = Path(__file__).parents[2]
OFFERED = (".pre-commit-hooks.yaml", "LICENSE", "README.md", "gatekeeper", "hooks", "pyproject.toml")


def program(tool: str) -> str:
    """The program of the environment in which the tests run."""
    return str(Path(sys.executable).parent / tool)


def local_hooks() -> str:
    """What `.pre-commit-hooks.yaml` offers, as hooks of the repository itself: nothing has to be installed for them."""
    import yaml

    offered = yaml.safe_load((HERE / ".pre-commit-hooks.yaml").read_text())
    for hook in offered:
        words = hook["entry"].split()
        assert words[0] == "gatekeeper"
        hook.update(language="system", entry=f"{sys.executable} -m {hook['entry']}")
    return str(yaml.safe_dump({"repos": [{"repo": "local", "hooks": offered}]}))


@pytest.fixture
def hooked(repository: GitRepository, request: pytest.FixtureRequest) -> GitRepository:
    """A repository with one commit, in which the framework is installed for every stage."""
    files = {".gatekeeper.yml": GATES, ".pre-commit-config.yaml": local_hooks(), "a.txt": "fine\n"}
    repository.commit({**files, "b.txt": "1\n"})
    kinds = [word for stage in STAGES for word in ("--hook-type", stage)]
    subprocess.run([program(request.param), "install", *kinds], cwd=repository.path, check=True, capture_output=True)
    return repository


def git(repository: GitRepository, *arguments: str) -> tuple[int, str]:
    """The exit code of a Git command and all that it printed."""
    done = subprocess.run(["git", *arguments], cwd=repository.path, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("hooked", TOOLS, indirect=True)
def test_a_commit_is_judged_by_what_is_staged(hooked: GitRepository) -> None:
    hooked.stage({"a.txt": "bad\n"})
    hooked.write("a.txt", "fine\n")
    code, said = git(hooked, "commit", "--message", "bad")
    assert code != 0
    assert "Blocked: look failed" in said
    assert (hooked.path / "a.txt").read_text() == "fine\n"
    hooked.stage({"a.txt": "fine too\n"})
    hooked.write("a.txt", "bad\n")
    assert git(hooked, "commit", "--message", "good")[0] == 0
    assert (hooked.path / "a.txt").read_text() == "bad\n"
    assert hooked.git("show", "HEAD:a.txt") == "fine too"


@pytest.mark.parametrize("hooked", TOOLS, indirect=True)
def test_an_untracked_file_is_no_part_of_the_commit(hooked: GitRepository) -> None:
    hooked.write("needed.txt", "")
    hooked.stage({"need.txt": "1\n"})
    assert "Blocked: look failed" in git(hooked, "commit", "--message", "needs it")[1]
    hooked.git("add", "needed.txt")
    assert git(hooked, "commit", "--message", "has it")[0] == 0


@pytest.mark.parametrize("hooked", TOOLS, indirect=True)
def test_a_commit_of_paths_is_judged_by_the_index_that_git_makes_for_it(hooked: GitRepository) -> None:
    hooked.stage({"a.txt": "bad\n", "b.txt": "2\n"})
    code, said = git(hooked, "commit", "--message", "one path", "--", "b.txt")
    assert code == 0, said
    assert "Blocked: look failed" in git(hooked, "commit", "--message", "the other", "--", "a.txt")[1]


@pytest.mark.parametrize("hooked", TOOLS, indirect=True)
def test_a_merge_is_judged_by_its_result(hooked: GitRepository) -> None:
    hooked.git("switch", "--quiet", "--create", "topic")
    hooked.stage({"a.txt": "bad\n"})
    hooked.git("commit", "--quiet", "--no-verify", "--message", "bad")
    hooked.git("switch", "--quiet", "main")
    hooked.stage({"b.txt": "2\n"})
    assert git(hooked, "commit", "--message", "other")[0] == 0
    code, said = git(hooked, "merge", "--no-edit", "topic")
    assert code != 0
    assert "Blocked: look failed" in said
    assert "into" in said


@pytest.mark.parametrize("hooked", TOOLS, indirect=True)
def test_a_push_is_judged_by_exactly_its_range(hooked: GitRepository, tmp_path: Path) -> None:
    remote = GitRepository.create(tmp_path / "remote", "--bare")
    hooked.git("remote", "add", "origin", str(remote.path))
    code, said = git(hooked, "push", "origin", "main")
    assert code == 0, said
    base = hooked.git("rev-parse", "--short", "HEAD")
    hooked.git("switch", "--quiet", "--create", "topic")
    hooked.stage({"a.txt": "bad\n"})
    hooked.git("commit", "--quiet", "--no-verify", "--message", "bad")
    bad = hooked.git("rev-parse", "--short", "HEAD")
    hooked.git("switch", "--quiet", "main")
    for target in ("topic", "topic:main"):  # a new branch and a known one, neither of them checked out
        code, said = git(hooked, "push", "origin", target)
        assert code != 0
        assert f"({bad}) against {base}" in " ".join(said.split())
        assert "Blocked: look failed" in said
    assert remote.git("for-each-ref", "--format=%(refname:short)") == "main"
    assert remote.git("rev-parse", "--short", "main") == base
    hooked.git("switch", "--quiet", "topic")
    hooked.stage({"a.txt": "fine again\n"})
    assert git(hooked, "commit", "--amend", "--message", "good")[0] == 0
    assert git(hooked, "push", "origin", "topic")[0] == 0


@pytest.mark.parametrize("hooked", TOOLS, indirect=True)
def test_the_first_push_is_judged_from_the_root(hooked: GitRepository, tmp_path: Path) -> None:
    remote = GitRepository.create(tmp_path / "remote", "--bare")
    hooked.git("remote", "add", "origin", str(remote.path))
    hooked.stage({"a.txt": "bad\n"})
    hooked.git("commit", "--quiet", "--no-verify", "--message", "bad")
    code, said = git(hooked, "push", "origin", "main")
    assert code != 0
    assert "Blocked: look failed" in said
    assert remote.git("for-each-ref") == ""


@pytest.mark.parametrize("hooked", TOOLS, indirect=True)
def test_a_range_that_is_named_by_hand(hooked: GitRepository, request: pytest.FixtureRequest) -> None:
    hooked.stage({"a.txt": "bad\n"})
    hooked.git("commit", "--quiet", "--no-verify", "--message", "bad")
    tool = request.node.callspec.params["hooked"]
    done = subprocess.run(
        [program(tool), "run", "gatekeeper", "--from-ref", "HEAD~1", "--to-ref", "HEAD"],
        cwd=hooked.path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "Blocked: look failed" in done.stdout


def runs(folder: str, code: str) -> bool:
    """Whether the `python3` of a folder gets through some code."""
    try:
        return not subprocess.run([f"{folder}/python3", "-I", "-c", code], capture_output=True, check=False).returncode
    except OSError:
        return False


@pytest.mark.skipif(not os.environ.get("GATEKEEPER_TEST_NETWORK"), reason="GATEKEEPER_TEST_NETWORK is not set")
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.long
def test_an_environment_of_its_own_finds_that_of_the_project(
    repository: GitRepository, tmp_path: Path, tool: str
) -> None:
    """The real thing: a repository of these files is the hook, and pip installs it and what it needs."""
    offered = GitRepository.create(tmp_path / "offered")
    for name in OFFERED:  # no clone: where Gatekeeper judges itself, the files lie in no repository
        (shutil.copytree if (HERE / name).is_dir() else shutil.copy2)(HERE / name, offered.path / name)
    offered.write(".gitignore", "__pycache__/\n")
    offered.git("add", ".")
    offered.git("commit", "--quiet", "--message", "What is offered as a hook")
    revision = offered.git("rev-parse", "HEAD")
    config = f"repos:\n- repo: {offered.path}\n  rev: {revision}\n  hooks:\n  - id: gatekeeper\n"
    gates = "gates:\n  review: off\n  coverage: off\n  docs: off\n"
    test = 'import sys\n\n\ndef test_prefix() -> None:\n    assert sys.prefix.endswith(".venv"), sys.prefix\n'
    repository.stage(
        {".pre-commit-config.yaml": config, ".gatekeeper.yml": gates, ".gitignore": ".venv/\n", "test_it.py": test}
    )
    run = [program(tool), "run", "--verbose"]
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    folders = ["/usr/bin", str(Path(sys.executable).resolve().parent)]
    base = next(folder for folder in folders if runs(folder, "import sys; sys.exit(sys.version_info < (3, 11))"))
    bare["PATH"] = f"{base}:/usr/bin:/bin"
    bare["PIP_COMPILE"] = "0"  # most of what is installed for two runs is never imported
    if not runs(base, "import pytest"):
        done = subprocess.run(run, cwd=repository.path, env=bare, capture_output=True, text=True, check=False)
        assert done.returncode != 0, done.stdout
        said = " ".join(done.stdout.split())
        assert "an environment of its own, which cannot import the project" in said, done.stdout + done.stderr
    own = repository.path / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(own)], check=True)
    site = next((own / "lib").glob("python*")) / "site-packages"
    (site / "borrowed.pth").write_text("".join(f"{p}\n" for p in sys.path if p.endswith("site-packages")))
    done = subprocess.run(run, cwd=repository.path, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
