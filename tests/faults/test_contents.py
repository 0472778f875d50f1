"""The tree that a gate sees is, byte for byte, what the user's Git would check out; whatever the contents and names are."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.ground import gates, judge
from tests.repository import GitRepository, Run

Case = Callable[[GitRepository], None]


def seen_in(folder: Path) -> dict[bytes, tuple[object, ...]]:
    """Every file and link of a folder: whether it can be carried out, and its bytes or where it leads."""
    return dict(_entries(os.fsencode(folder), b""))


def _entries(folder: bytes, inside: bytes) -> Iterator[tuple[bytes, tuple[object, ...]]]:
    for entry in os.scandir(folder):
        name = inside + entry.name
        if entry.name == b".git":
            continue
        if entry.is_symlink():
            yield name, ("link", os.readlink(entry.path))  # noqa: PTH115 - the name may be no text
        elif entry.is_dir():
            yield from _entries(entry.path, name + b"/")
        else:
            yield name, (bool(entry.stat().st_mode & 0o100), Path(os.fsdecode(entry.path)).read_bytes())


def checked_out(repository: GitRepository, place: Path) -> dict[bytes, tuple[object, ...]]:
    """What Git checks out of the index in a fresh clone."""
    copy = place / "index-copy"
    git_dir = Path(repository.git("rev-parse", "--absolute-git-dir"))
    shutil.copyfile(git_dir / "index", copy)
    tree = repository.git("write-tree", env={"GIT_INDEX_FILE": str(copy)})
    commit = repository.git("commit-tree", tree, "-m", "index")
    clone = GitRepository(place / "clone")
    repository.git("clone", "--quiet", "--no-checkout", "--shared", str(repository.path), str(clone.path))
    for line in repository.git("config", "--local", "--list", "-z").split("\0"):
        name, _, value = line.partition("\n")
        if name.startswith(("core.autocrlf", "core.eol", "core.safecrlf", "core.symlinks", "core.filemode")):
            clone.git("config", name, value)
    clone.git("checkout", "--quiet", "--detach", commit)
    if (clone.path / ".gitmodules").exists():
        clone.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--recursive")
    return seen_in(clone.path)


def seen_by_gate(repository: GitRepository, place: Path) -> dict[bytes, tuple[object, ...]]:
    """What a gate finds where it runs."""
    run = judge(repository, "--staged")
    assert run.exit == 0, run.stdout + run.stderr
    return seen_in(place / "seen")


@pytest.fixture
def place(repository: GitRepository, tmp_path: Path) -> Path:
    """A folder beside the repository; the repository has one commit, and a gate that copies what it sees there."""
    copies = gates(copy=f"sh -c 'rm -rf {tmp_path}/seen && cp -a . {tmp_path}/seen'")
    repository.write("link", "").unlink()
    (repository.path / "link").symlink_to("a.txt")
    repository.git("add", "link")
    lines = "".join(f"{number}\n" for number in range(20))
    repository.commit({".gatekeeper.yml": copies, "a.txt": lines, "b.txt": "b\n", "d/e.txt": "e\n"})
    return tmp_path


def partial_hunks(r: GitRepository) -> None:
    r.stage({"a.txt": "first\n" + "".join(f"{n}\n" for n in range(1, 20))})
    r.write("a.txt", "first\n" + "".join(f"{n}\n" for n in range(1, 19)) + "last, not staged\n")


def added_then_deleted(r: GitRepository) -> None:
    r.stage({"new.txt": "new\n"})
    (r.path / "new.txt").unlink()


def modified_then_deleted(r: GitRepository) -> None:
    r.stage({"a.txt": "changed\n"})
    (r.path / "a.txt").unlink()


def deleted(r: GitRepository) -> None:
    r.git("rm", "--quiet", "a.txt")


def deleted_and_there_again(r: GitRepository) -> None:
    r.git("rm", "--quiet", "--cached", "a.txt")


def renamed(r: GitRepository) -> None:
    r.git("mv", "a.txt", "moved.txt")


def renamed_and_edited(r: GitRepository) -> None:
    r.git("mv", "a.txt", "moved.txt")
    r.stage({"moved.txt": "0\n1\n2\n3\nother\n"})
    r.write("moved.txt", "0\nnot staged\n")


def copied(r: GitRepository) -> None:
    r.stage({"copy.txt": (r.path / "a.txt").read_text()})


def swapped(r: GitRepository) -> None:
    r.git("mv", "a.txt", "c.txt")
    r.git("mv", "b.txt", "a.txt")
    r.git("mv", "c.txt", "b.txt")


def file_to_link(r: GitRepository) -> None:
    (r.path / "a.txt").unlink()
    (r.path / "a.txt").symlink_to("b.txt")
    r.git("add", "a.txt")


def link_to_file(r: GitRepository) -> None:
    (r.path / "link").unlink()
    r.stage({"link": "a file\n"})


def file_to_folder(r: GitRepository) -> None:
    r.git("rm", "--quiet", "a.txt")
    r.stage({"a.txt/inside.txt": "x\n"})


def folder_to_file(r: GitRepository) -> None:
    r.git("rm", "--quiet", "-r", "d")
    r.stage({"d": "a file\n"})


def folder_to_link(r: GitRepository) -> None:
    r.git("rm", "--quiet", "-r", "d")
    (r.path / "d").symlink_to(".")
    r.git("add", "d")


def link_to_folder(r: GitRepository) -> None:
    (r.path / "link").unlink()
    r.stage({"link/inside.txt": "x\n"})


def typechange_not_staged(r: GitRepository) -> None:
    r.stage({"a.txt": "staged\n"})
    (r.path / "a.txt").unlink()
    (r.path / "a.txt").symlink_to("/etc/hostname")


def mode_alone(r: GitRepository) -> None:
    (r.path / "a.txt").chmod(0o755)
    r.git("add", "a.txt")
    (r.path / "b.txt").chmod(0o755)


def intent_to_add(r: GitRepository) -> None:
    r.stage({"a.txt": "staged\n"})
    r.write("intended.txt", "later\n")
    r.git("add", "--intent-to-add", "intended.txt")
    r.write("a.txt", "not staged\n")


def links_that_lead_nowhere_or_out(r: GitRepository) -> None:
    for name, target in {"broken": "gone", "out": "/etc", "above": "../..", "loop": "loop", "git": ".git"}.items():
        (r.path / name).symlink_to(target)
        r.git("add", name)


def binary(r: GitRepository) -> None:
    r.stage({"x.bin": bytes(range(256)) * 50, "y.bin": b"\0", "z.txt": b"\xff\xfe\x00caf\xe9", "empty": b""})


def no_newline_at_the_end(r: GitRepository) -> None:
    r.stage({"a.txt": "one\ntwo"})


def crlf(r: GitRepository) -> None:
    r.git("config", "core.safecrlf", "false")
    r.stage({"crlf.txt": b"one\r\ntwo\r\n", "mixed.txt": b"one\r\ntwo\nthree\r", "lf.txt": b"one\ntwo\n"})
    r.write("lf.txt", b"one\r\ntwo\r\n")


def crlf_with_autocrlf(r: GitRepository) -> None:
    r.git("config", "core.autocrlf", "true")
    crlf(r)


def crlf_with_autocrlf_input(r: GitRepository) -> None:
    r.git("config", "core.autocrlf", "input")
    crlf(r)


def crlf_by_attributes(r: GitRepository) -> None:
    r.git("config", "core.autocrlf", "true")
    r.git("config", "core.safecrlf", "false")
    r.stage(
        {
            ".gitattributes": "*.txt text=auto\n*.dos eol=crlf\n*.unix eol=lf\n*.raw -text\n*.u16 working-tree-encoding=UTF-16LE eol=crlf\n*.id ident\n"
        }
    )
    r.stage(dict.fromkeys(("x.txt", "x.dos", "x.unix", "x.raw", "y.other"), b"one\ntwo\n"))
    r.stage({"x.u16": "one\r\ntwo\r\n".encode("utf-16-le"), "x.id": "$Id$\n"})


def attributes_changed_after_the_file(r: GitRepository) -> None:
    """The file is as before, and is checked out otherwise."""
    r.stage({".gitattributes": "*.txt eol=crlf\n"})


def untracked_attributes_and_ignores(r: GitRepository) -> None:
    r.stage({"a.txt": "staged\n", "kept.log": "log\n"})
    r.write(".gitignore", "*.log\n*.txt\n")
    r.write(".gitattributes", "*.txt eol=crlf\n")


def filter_of_the_user(r: GitRepository) -> None:
    """As Git LFS: the blob is a pointer, and the user's filter makes the file of it."""
    r.stage({".gitattributes": "*.big filter=rot text\n", "x.big": "hello\n"})
    assert r.git("cat-file", "blob", ":x.big") == "uryyb"


def sparse_checkout(r: GitRepository) -> None:
    r.git("sparse-checkout", "set", "--no-cone", "/a.txt", "/.gatekeeper.yml")
    assert not (r.path / "d/e.txt").exists()
    r.stage({"a.txt": "staged\n"})


def sparse_index(r: GitRepository) -> None:
    r.git("sparse-checkout", "set", "--cone", "--sparse-index", "z")
    assert not (r.path / "d/e.txt").exists()
    r.stage({"a.txt": "staged\n"})


def split_index(r: GitRepository) -> None:
    r.git("update-index", "--split-index")
    r.stage({"a.txt": "staged\n"})


def overlooked_edits(r: GitRepository) -> None:
    r.git("update-index", "--assume-unchanged", "b.txt")
    r.git("update-index", "--skip-worktree", "d/e.txt")
    r.write("b.txt", "hidden\n")
    r.write("d/e.txt", "hidden\n")
    r.stage({"a.txt": "staged\n"})


def no_modes_and_no_links(r: GitRepository) -> None:
    r.git("config", "core.fileMode", "false")
    r.git("config", "core.symlinks", "false")
    r.git("update-index", "--chmod=+x", "b.txt")
    r.stage({"a.txt": "staged\n"})


def detached(r: GitRepository) -> None:
    r.git("checkout", "--quiet", "--detach")
    r.stage({"a.txt": "staged\n"})


def cherry_pick_in_progress(r: GitRepository) -> None:
    r.git("switch", "--quiet", "--create", "other")
    r.commit({"a.txt": "other\n"})
    r.git("switch", "--quiet", "main")
    r.commit({"a.txt": "main\n"})
    subprocess.run(["git", "cherry-pick", "other"], cwd=r.path, capture_output=True, check=False)
    assert (r.path / ".git/CHERRY_PICK_HEAD").exists()
    r.stage({"a.txt": "both\n"})


def rebase_in_progress(r: GitRepository) -> None:
    r.git("switch", "--quiet", "--create", "other")
    r.commit({"a.txt": "other\n"})
    r.git("switch", "--quiet", "main")
    r.commit({"a.txt": "main\n"})
    subprocess.run(["git", "rebase", "other"], cwd=r.path, capture_output=True, check=False)
    assert (r.path / ".git/rebase-merge").exists()
    r.stage({"a.txt": "both\n"})


NAMES = [
    b"sp ace.txt", b"new\nline.txt", b"tab\t.txt", b"qu'o\"te.txt", b"$(touch canary).txt", b"`touch canary`.txt",
    b"star*?[a].txt", b"-dash.txt", b"--dash", b"back\\slash.txt", b"caf\xe9.txt", "\u00e9.txt".encode(),
    "e\u0301.txt".encode(), "\u6587.txt".encode(), b"HEAD", b"main", b"refs/heads/main", b":(glob)x", b":/x", b"@{0}",
    b"a.TXT", b" lead", b"trail ", b"..x", b"~", b"#hash", b"!bang", b";semi", b"&amp", b"%s%n", b"{files}", b"\x01\x1b[2J.txt",
    b"con", b"x" * 200, b"d/" * 60 + b"deep", b"'", b"\xff",
]  # fmt: skip


def hostile_names(r: GitRepository) -> None:
    for number, name in enumerate(NAMES):
        file = Path(os.fsdecode(os.path.join(os.fsencode(r.path), name)))  # noqa: PTH118 - names of bytes
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"%d\n" % number)
    r.git("add", "--all")


CASES: list[Case] = [
    partial_hunks, added_then_deleted, modified_then_deleted, deleted, deleted_and_there_again, renamed,
    renamed_and_edited, copied, swapped, file_to_link, link_to_file, file_to_folder, folder_to_file, folder_to_link,
    link_to_folder, typechange_not_staged, mode_alone, intent_to_add, links_that_lead_nowhere_or_out, binary,
    no_newline_at_the_end, crlf, crlf_with_autocrlf, crlf_with_autocrlf_input, crlf_by_attributes,
    attributes_changed_after_the_file, untracked_attributes_and_ignores, filter_of_the_user, sparse_checkout,
    sparse_index, split_index, overlooked_edits, no_modes_and_no_links, detached, cherry_pick_in_progress,
    rebase_in_progress, hostile_names,
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_tree_is_what_git_would_check_out(
    repository: GitRepository, place: Path, monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    rot = "tr a-zA-Z n-za-mN-ZA-M"
    settings = place / "gitconfig"
    settings.write_text(f'[filter "rot"]\n\tclean = {rot}\n\tsmudge = {rot}\n\trequired = true\n[gc]\n\tauto = 0\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    case(repository)
    assert seen_by_gate(repository, place) == checked_out(repository, place)


def test_the_same_again_over_what_the_last_run_left(repository: GitRepository, place: Path) -> None:
    """Each shadow is laid over the one before it: from every case to the next."""
    for number, case in enumerate((file_to_folder, links_that_lead_nowhere_or_out, crlf_by_attributes, binary)):
        repository.git("reset", "--quiet", "--hard", "HEAD")
        repository.git("clean", "-ffdxq")
        case(repository)
        rest = place / str(number)
        rest.mkdir()
        assert seen_by_gate(repository, place) == checked_out(repository, rest), case


def test_a_submodule_with_recursion(repository: GitRepository, place: Path) -> None:
    inner = GitRepository.create(place / "inner")
    inner.commit({"inner.txt": "one\n"})
    repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.path), "sub")
    repository.git("commit", "--quiet", "-m", "sub")
    repository.git("config", "submodule.recurse", "true")
    used = GitRepository(repository.path / "sub")
    used.commit({"inner.txt": "two\n"})
    repository.git("add", "sub")
    inner.git("pull", "--quiet", str(used.path), "HEAD")
    used.write("inner.txt", "dirty\n")
    used.write("untracked.txt", "mine\n")
    repository.stage({"a.txt": "staged\n"})
    assert seen_by_gate(repository, place) == checked_out(repository, place)


def test_a_clone_without_the_blobs(repository: GitRepository, place: Path) -> None:
    """What is missing is fetched from where the user's Git fetches it, or the run says that it could not look."""
    repository.git("config", "uploadpack.allowFilter", "true")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = GitRepository(place / "partial")
    options = ["--no-checkout", "--filter=blob:none", "--sparse"]
    repository.git("clone", "--quiet", *options, f"file://{repository.path}", str(clone.path))
    clone.git("checkout", "--quiet", "main")
    clone.stage({"a.txt": "staged\n"})
    run = clone.gatekeeper("--staged")
    assert run.exit in (0, 3), run.stdout + run.stderr
    if run.exit == 0:
        assert seen_in(place / "seen")[b"d/e.txt"] == (False, b"e\n")
    else:
        assert run.stderr.startswith("gatekeeper: ")


def test_a_shallow_clone(repository: GitRepository, place: Path) -> None:
    repository.commit({"a.txt": "two\n"})
    clone = GitRepository(place / "shallow")
    repository.git("clone", "--quiet", "--depth=1", f"file://{repository.path}", str(clone.path))
    clone.stage({"a.txt": "staged\n"})
    assert seen_by_gate(clone, place)[b"a.txt"] == (False, b"staged\n")


def test_a_linked_worktree_and_a_git_folder_elsewhere(repository: GitRepository, place: Path) -> None:
    linked = GitRepository(place / "linked work tree")
    repository.git("worktree", "add", "--quiet", "-b", "linked", str(linked.path))
    linked.stage({"a.txt": "staged in the linked one\n"})
    repository.stage({"a.txt": "staged in the main one\n"})
    assert seen_by_gate(linked, place)[b"a.txt"] == (False, b"staged in the linked one\n")
    assert seen_by_gate(repository, place)[b"a.txt"] == (False, b"staged in the main one\n")
    shutil.move(repository.path / ".git", place / "git folder")
    (repository.path / ".git").symlink_to(place / "git folder")
    assert seen_by_gate(repository, place)[b"a.txt"] == (False, b"staged in the main one\n")
    (repository.path / ".git").unlink()
    (repository.path / ".git").write_text(f"gitdir: {place}/git folder\n")
    assert seen_by_gate(repository, place)[b"a.txt"] == (False, b"staged in the main one\n")


def test_unmerged_files_are_no_tree(repository: GitRepository, place: Path) -> None:
    repository.git("switch", "--quiet", "--create", "other")
    repository.commit({"a.txt": "other\n"})
    repository.git("switch", "--quiet", "main")
    repository.commit({"a.txt": "main\n"})
    subprocess.run(["git", "merge", "other"], cwd=repository.path, capture_output=True, check=False)
    run = judge(repository)
    assert run.exit == 3
    assert "unmerged" in run.stderr
    assert place


@pytest.mark.parametrize("verdict", ["good", "bad"])
def test_every_hostile_name_reaches_a_command(repository: GitRepository, place: Path, verdict: str) -> None:
    """As one argument each, with nothing read into it."""
    count = f"import os, sys; sys.exit(not all(os.path.isfile(name) for name in sys.argv[1:]) or {verdict == 'bad'})"
    repository.commit({".gatekeeper.yml": gates(count={"run": f'python3 -c "{count}" {{files}}'})})
    hostile_names(repository)
    run = judge(repository)
    assert run.exit == (verdict == "bad"), run.stdout + run.stderr
    assert not list(place.rglob("canary"))


def test_more_names_than_an_argument_list_holds(repository: GitRepository, place: Path) -> None:
    """1,100 names of 2,000 letters are more than the 2 MB of Linux: the command is started several times, and each name is given once."""
    folder = "/".join(["x" * 200] * 9)  # one for all of them: it is the letters that count, not the folders
    names = [f"{folder}/{number:0200}" for number in range(1_100)]
    listing = "".join(f"100644 e69de29bb2d1d6434b8b29ae775ad8c2e48c5391 0\t{name}\0" for name in names)
    subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=repository.path, input=b"", stdout=subprocess.DEVNULL, check=True
    )
    writes = "import os, sys; open(sys.argv[1] + '/' + str(os.getpid()), 'w').write(''.join(name + chr(10) for name in sys.argv[2:]))"
    told = place / "told"
    told.mkdir()
    repository.commit({".gatekeeper.yml": gates(many={"run": f'python3 -S -c "{writes}" {told} {{files}}'})})
    subprocess.run(
        ["git", "update-index", "-z", "--index-info"], cwd=repository.path, input=listing.encode(), check=True
    )
    run: Run = repository.gatekeeper("--staged")
    assert run.exit == 0, run.stdout[-2000:] + run.stderr[-2000:]
    parts = [part.read_text().splitlines() for part in told.iterdir()]
    assert len(parts) > 1
    assert sorted(name for part in parts for name in part) == names
