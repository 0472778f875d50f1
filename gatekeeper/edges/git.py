"""The edge to Git: every Git command of Gatekeeper is put together here.

Git itself is told to run nothing that a repository configures: no hooks, no file system monitor, no external diff, no
text conversion, and no filter that stands in the configuration of the repository. The filters of the user's own
configuration stay (Git LFS needs them), since the user and not the repository put them there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from copy import copy
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from gatekeeper.edges.git_program import execute, no_repository
from gatekeeper.edges.object_reader import ObjectReader
from gatekeeper.formats.cat_file import DamagedObject
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.frozen import dataclass

_HARDENING = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.sparseCheckout=false",
    "core.quotePath=false",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    "core.checkStat=default",  # or else an edit of equal size and second would pass for none
    "core.trustctime=true",
    "diff.external=",
    "submodule.recurse=false",
    "advice.detachedHead=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "log.showSignature=false",
    "protocol.ext.allow=never",
)
# What names a program, or a file to write, that Git would use while it fetches an object that a partial clone lacks.
_FETCHING = r"core\.(sshcommand|gitproxy|askpass|alternaterefscommand)|credential\..*|remote\..*\.(uploadpack|vcs)"
_LAID_OUT_BY = ("core.autocrlf", "core.eol", "core.symlinks", "core.filemode", "core.attributesfile")
_ASKED = rf"^(filter\..*|{_FETCHING}|http\..*cookiefile|{'|'.join(_LAID_OUT_BY)})$"
_KNOWN = ("--no-walk=unsorted", "--format=%H %h %T")


class GitError(GatekeeperError):
    """Git refused a command; the message holds what it said."""


@dataclass(frozen=True)
class Repository:
    """A Git repository: its working tree (None if bare), its Git folder, and the folder shared by linked worktrees.

    Every Git that is started inherits the open file number `lock`, if there is one.
    """

    top: str | None
    git_dir: str
    common_dir: str
    lock: int | None = None

    def holding(self, lock: int) -> Repository:
        """The same repository, and what is known of it, for Git commands that write where `lock` says who may."""
        held = copy(self)
        object.__setattr__(held, "lock", lock)
        return held

    def run(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, work_tree: str | None = None
    ) -> bytes:
        """What a Git command prints; raises GitError with Git's own words when it fails."""
        status, output, error = self.attempt(*arguments, stdin=stdin, env=env, work_tree=work_tree)
        if status:
            raise GitError(f"git {arguments[0]} failed: {error.strip() or f'exit code {status}'}")
        return output

    def attempt(
        self, *arguments: str, stdin: bytes = b"", env: Mapping[str, str] | None = None, work_tree: str | None = None
    ) -> tuple[int, bytes, str]:
        """The exit code of a Git command, what it printed and what it complained of."""
        command, folder, settings = self._command(*arguments, env=env, work_tree=work_tree)
        return execute(command, folder, stdin, settings, self.lock)

    def _command(
        self, *arguments: str, env: Mapping[str, str] | None = None, work_tree: str | None = None
    ) -> tuple[list[str], str, dict[str, str]]:
        """A Git command that runs nothing on behalf of the repository: arguments, folder and environment."""
        place = work_tree or self.top
        options = [f"--git-dir={self.git_dir}", *([f"--work-tree={place}"] if place else [])]
        for setting in (*_HARDENING, *self._harmless_filters):
            options += ["-c", setting]
        # a replacement stands in this repository alone: what is merged elsewhere is the object itself
        own = ["--no-optional-locks", "--no-replace-objects"]
        offline = {} if self._may_fetch else {"GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
        return [*own, *options, *arguments], place or self.git_dir, {**offline, **(env or {})}

    @cached_property
    def _settings(self) -> tuple[tuple[str, str, str], ...]:
        """Scope, name and value of what could make Git run something, and of what it turns blobs into files by."""
        asked = [f"--git-dir={self.git_dir}", "config", "-z", "--show-scope", "--get-regexp", _ASKED]
        status, output, _ = execute(asked, self.git_dir)
        fields = _text(output).split("\0") if status == 0 else []
        pairs = ((scope, entry.partition("\n")) for scope, entry in zip(fields[::2], fields[1::2], strict=False))
        return tuple((scope, name, value) for scope, (name, _, value) in pairs)

    @cached_property
    def _risky_settings(self) -> tuple[str, ...]:
        """The settings of the repository's own configuration that could make Git run something."""
        users = ("global", "system")
        return tuple(name for scope, name, _ in self._settings if scope not in users and name not in _LAID_OUT_BY)

    def layout_rules(self, tree: str) -> str:
        """A digest of all by which Git turns the blobs of a tree into files: attributes, filters, line ends."""
        entries = [entry for entry in self._entries(tree) if entry[1].rpartition(b"/")[2] == b".gitattributes"]
        home = Path(os.environ.get("XDG_CONFIG_HOME") or Path("~/.config").expanduser(), "git/attributes")
        named = [Path(value).expanduser() for _, name, value in self._settings if name == "core.attributesfile"]
        files = (Path("/etc/gitattributes"), *(named or [home]), Path(self.common_dir, "info/attributes"))
        texts = [file.read_bytes() if file.is_file() else b"" for file in files]
        return sha256(repr((self._settings, entries, texts)).encode("utf-8", "surrogateescape")).hexdigest()[:16]

    @cached_property
    def _may_fetch(self) -> bool:
        """Whether Git may fetch what a partial clone lacks: not where the repository names programs for that."""
        return all(name.startswith("filter.") for name in self._risky_settings)

    @cached_property
    def _harmless_filters(self) -> tuple[str, ...]:
        """Settings that empty every filter which the repository's own configuration defines."""
        names = [name for name in self._risky_settings if name.startswith("filter.") and name.count(".") > 1]
        settings: list[str] = []
        for driver in sorted({name[len("filter.") : name.rindex(".")] for name in names}):
            settings += [f"filter.{driver}.{key}=" for key in ("clean", "smudge", "process")]
            settings.append(f"filter.{driver}.required=false")
        return tuple(settings)

    @cached_property
    def empty_tree(self) -> str:
        """The id of the tree without files, in the hash of this repository."""
        return self.run("hash-object", "-t", "tree", "-w", "--stdin").decode().strip()

    def commit(self, revision: str) -> str | None:
        """The commit that a revision names, or None."""
        status, output, _ = self.attempt(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
        )
        return output.decode().strip() if status == 0 else None

    def commits(self, *revisions: str) -> tuple[str | None, ...]:
        """The commits that revisions name, as `commit` tells each of them, but asked for in one go where that can be.

        What `short` and `tree` tell of them is known then.
        """
        status, output = 1, b""
        if not any(".." in revision or revision.startswith("^") for revision in revisions):  # a range, or a negation
            asked = (f"{revision}^{{commit}}" for revision in revisions)
            status, output, _ = self.attempt("log", *_KNOWN, "--end-of-options", *asked, "--")
        told = self._noted(output) if status == 0 else ()
        return told if len(told) == len(revisions) else tuple(map(self.commit, revisions))

    def _noted(self, told: bytes) -> tuple[str, ...]:
        """The commits that `git log` told of, which are remembered."""
        words = told.decode().split()
        self._commits.update(zip(words[::3], zip(words[1::3], words[2::3], strict=True), strict=True))
        return tuple(words[::3])

    @cached_property
    def _commits(self) -> dict[str, tuple[str, str]]:
        """The short id and the tree of commits that were asked for; neither ever changes."""
        return {}

    def short(self, commit: str) -> str:
        """The id of a commit as people write it."""
        if commit not in self._commits:
            self._noted(self.run("log", *_KNOWN, commit, "--"))
        return self._commits[commit][0]

    def tree(self, revision: str) -> str:
        """The tree of a commit."""
        if revision in self._commits:
            return self._commits[revision][1]
        return self.run("rev-parse", "--verify", "--end-of-options", f"{revision}^{{tree}}").decode().strip()

    @cached_property
    def index_trees(self) -> dict[tuple[str, int, int, int, int], str]:
        """The tree of each state of the index file that was asked for, by what tells one state from another."""
        return {}

    def head(self) -> tuple[str, str]:
        """The commit of HEAD and its tree; no commit and the empty tree before the first one."""
        status, output, _ = self.attempt("rev-parse", "--quiet", "HEAD^{commit}", "HEAD^{tree}")
        if status:
            return "", self.empty_tree
        commit, tree = output.decode().split()
        return commit, tree

    def names(self, tree: str) -> tuple[str, ...]:
        """The paths of all files of a tree, submodules included."""
        return tuple(_text(path) for _, path in self._entries(tree))

    def objects(self, tree: str) -> dict[str, str]:
        """The id of the object of each file of a tree, by its path."""
        return {_text(path): head.split()[2].decode() for head, path in self._entries(tree)}

    def submodules(self, tree: str) -> tuple[tuple[str, str], ...]:
        """The path and the commit of each submodule of a tree."""
        entries = (entry for entry in self._entries(tree) if entry[0].startswith(b"160000 "))
        return tuple((_text(path), head.split()[2].decode()) for head, path in entries)

    def links(self, tree: str) -> frozenset[str]:
        """The paths of the symbolic links of a tree, whose objects hold where they lead."""
        return frozenset(_text(path) for head, path in self._entries(tree) if head.startswith(b"120000 "))

    def _entries(self, tree: str) -> list[tuple[bytes, bytes]]:
        """Mode, kind and object of each file of a tree, and its path; remembered, since a tree never changes."""
        if tree not in self._listings:
            lines = self.run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")
            self._listings[tree] = [(head, path) for head, _, path in (line.partition(b"\t") for line in lines) if path]
        return self._listings[tree]

    @cached_property
    def _listings(self) -> dict[str, list[tuple[bytes, bytes]]]:
        return {}

    def contents(self, objects: Iterable[str], limit: int = 32 << 20) -> list[bytes | None]:
        """The bytes of each object, in order of the ids; None for what is missing, no blob, or above the limit."""
        names = list(objects)
        if not names:
            return []
        try:
            found, oversize = self._objects.read(names, limit)
        except EOFError as end:
            raise GitError("git cat-file failed before it had printed everything") from end
        except DamagedObject as damaged:
            raise GitError(f"Git did not print the whole of object {damaged}", "see what `git fsck` says") from damaged
        if not oversize:
            return found
        # asking for the sizes first costs a process more, reading past a large object takes long
        asked = "".join(f"{name}\n" for name in names).encode()
        checked = self.run("cat-file", "--batch-check", stdin=asked).splitlines()
        small = [
            name
            for name, line in zip(names, checked, strict=True)
            if (words := line.rsplit(b" ", 2))[1:2] == [b"blob"] and int(words[2]) <= limit
        ]
        known = dict(zip(small, self.contents(small, limit), strict=True))
        return [known.get(name) for name in names]

    @cached_property
    def _objects(self) -> ObjectReader:
        """What is asked for the bytes of objects."""
        return ObjectReader(*self._command("cat-file", "--batch"))


def find_repository(folder: str) -> Repository:
    """The repository that a folder belongs to; honours GIT_DIR as Git does. Raises `UsageError` without the folder."""
    folder = str(Path(folder).absolute())
    if not Path(folder).is_dir():  # GitPython would start Git in the current folder instead, and another one be judged
        raise UsageError(f"there is no folder {folder}", "name the folder of the repository with -C")
    asked = ["--path-format=absolute", "--git-dir", "--git-common-dir", "--is-bare-repository", "--show-toplevel"]
    status, output, error = execute(["rev-parse", *asked], folder)
    answers = _text(output).split("\n")
    if len(answers) < 4:
        raise GitError(*no_repository(folder, error))
    git_dir, common, bare, *rest = answers
    if bare == "true":
        return Repository(None, git_dir, common)
    if status:
        raise GitError(f"this is not in a working tree: {error.strip()}", "run Gatekeeper inside the working tree")
    top = "\n".join(rest).removesuffix("\n")
    # a repository that receives a push has its hooks run in its Git folder, which then passes for the working tree
    return Repository(None if top == git_dir else top, git_dir, common)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
