"""Looks at hook files, puts Gatekeeper's scripts in their place, and puts back what was there before."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from secrets import token_hex

import gatekeeper
from gatekeeper.edges.child_environment import child_environment
from gatekeeper.edges.hook_managers import FRAMEWORKS, owner_of, text_of
from gatekeeper.edges.process import run_quickly
from gatekeeper.formats.hook_script import HOOKS, KEPT, HookScript, Program, hook_script, read_hook_script
from gatekeeper.model.errors import GatekeeperError

_LEGACY = ".legacy"  # where pre-commit and prek put a hook that they find, and call it from
_PATIENCE = 60.0


class HookKind(StrEnum):
    """Whose a hook file is."""

    MISSING = "missing"
    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class HookFile:
    """A hook file as it was found; `content` is what it says (also through a link), `target` where a link leads."""

    name: str
    path: Path
    kind: HookKind
    content: bytes = b""
    script: HookScript | None = None
    target: str = ""

    @property
    def kept(self) -> Path:
        """Where the hook lies that was there before."""
        return self.path.with_name(f"{self.name}{KEPT}")

    @property
    def has_kept(self) -> bool:
        """Whether a hook from before was kept."""
        return os.path.lexists(self.kept)

    @property
    def text(self) -> str:
        """What the file says, as text."""
        return self.content.decode("utf-8", "surrogateescape")

    @property
    def owner(self) -> str:
        """The program that wrote the file; "" if it is none of those that are known."""
        return owner_of(self.text)

    @property
    def is_kept_too(self) -> bool:
        """Whether the kept hook is this very one: an install was cut short before our script was in its place."""
        return self.kind == HookKind.THEIRS and self.kept.is_file() and self.kept.read_bytes() == self.content

    @property
    def is_edited(self) -> bool:
        """Whether it is a script of ours that somebody has put lines into, which must not be lost."""
        return self.script is not None and not self.script.intact and not self.target

    @property
    def is_dead_link(self) -> bool:
        """Whether it is a link that leads nowhere."""
        return bool(self.target) and not self.path.exists()

    @property
    def legacy(self) -> Path:
        """Where pre-commit and prek put the hook that they found here."""
        return self.path.with_name(f"{self.name}{_LEGACY}")


def template(name: str) -> bytes:
    """The plain script of a hook, as it lies in `hooks/` of a checkout and in the package of a wheel."""
    package = Path(gatekeeper.__file__).parent
    for folder in (package / "hooks", package.parent / "hooks"):
        if (folder / name).is_file():
            return (folder / name).read_bytes()
    raise GatekeeperError(f"the script of the hook {name} is missing from Gatekeeper", "install Gatekeeper again")


def look_at(folder: Path, name: str) -> HookFile:
    """What lies in a folder as hook `name`."""
    path = folder / name
    with _told(path):
        if not os.path.lexists(path):
            return HookFile(name, path, HookKind.MISSING)
        target = str(path.readlink()) if path.is_symlink() else ""
        if not path.is_file():
            return HookFile(name, path, HookKind.THEIRS, target=target)
        content = path.read_bytes()
    script = read_hook_script(content, template(name))
    return HookFile(name, path, HookKind.OURS if script else HookKind.THEIRS, content, script, target)


def legacy_of(hook: HookFile) -> HookFile | None:
    """Gatekeeper's script where pre-commit or prek put it aside, if it is there."""
    found = look_at_file(hook.legacy, hook.name)
    return found if found.kind == HookKind.OURS else None


def look_at_file(path: Path, name: str) -> HookFile:
    """What lies at a path that is not called like the hook."""
    if not path.is_file():
        return HookFile(name, path, HookKind.MISSING)
    with _told(path):
        content = path.read_bytes()
    script = read_hook_script(content, template(name))
    return HookFile(name, path, HookKind.OURS if script else HookKind.THEIRS, content, script)


def own_program() -> Program:
    """What the hooks of this Gatekeeper start. Raises where another working directory would not find it."""
    python = sys.executable
    version, trouble = version_of(python)
    if not version:
        raise GatekeeperError(
            f"hooks could not start this Gatekeeper: {trouble}",
            f"install it for {python} (with pip install), so that it is found from every folder",
        )
    return Program(version, python, str(Path(gatekeeper.__file__).with_name("__main__.py")))


def version_of(python: str) -> tuple[str, str]:
    """The version of the Gatekeeper that an interpreter finds from everywhere, or "" and why there is none."""
    argv = (python, "-P", "-m", "gatekeeper", "--version")
    status, output, error = run_quickly(argv, child_environment(), _PATIENCE)
    words = output.split()
    if status == 0 and len(words) == 2 and words[0] == "gatekeeper":
        return words[1], ""
    return "", (error.strip().splitlines() or [f"exit code {status}"])[-1]


def script_for(hook: HookFile, program: Program) -> bytes:
    """The script that belongs in the place of this hook; it calls what was or is there before it."""
    replaced = hook.kind == HookKind.THEIRS
    before = hook.owner if replaced else owner_of(text_of(hook.kept))
    return hook_script(template(hook.name), hook.name, program, replaced or hook.has_kept, before in FRAMEWORKS)


def place(hook: HookFile, content: bytes) -> None:
    """Put a script in the place of a hook, all at once; somebody else's hook is kept beside it and can be put back.

    Raises when the hook is not the one any more that was looked at, and when the folder cannot be written.
    """
    with _told(hook.path):
        hook.path.parent.mkdir(parents=True, exist_ok=True)
        if hook.kind == HookKind.THEIRS:
            _keep(hook)
        if look_at(hook.path.parent, hook.name).content != hook.content:
            raise GatekeeperError(f"{hook.path} was changed by somebody else just now", "look at it, and try again")
        _write(hook.path, content, 0o700 | (hook.path.parent.stat().st_mode & 0o055))  # for all who come to the folder


def take_out(hook: HookFile) -> bool:
    """Take a script of Gatekeeper out and put back what was there before; tells whether there was something."""
    with _told(hook.path):
        if hook.has_kept:
            hook.kept.replace(hook.path)
            return True
        hook.path.unlink(missing_ok=True)
        return False


def take_out_legacy(hook: HookFile) -> bool:
    """Take our script from where pre-commit or prek put it; what we called first is then called by them again."""
    with _told(hook.legacy):
        if is_renewed(hook):
            hook.kept.unlink()
        elif hook.has_kept:
            hook.kept.replace(hook.legacy)
            return True
        hook.legacy.unlink(missing_ok=True)
        return False


def is_renewed(hook: HookFile) -> bool:
    """Whether the program whose hook we call first has written its hook anew, in place of ours."""
    return bool(hook.owner) and hook.has_kept and owner_of(text_of(hook.kept)) == hook.owner


def forget_kept(hook: HookFile) -> None:
    """Remove a kept hook that a newer one of the same program has replaced, and our script that it would call."""
    ours = legacy_of(hook)
    with _told(hook.kept):
        hook.kept.unlink(missing_ok=True)
        if ours is not None and not ours.is_edited:
            hook.legacy.unlink()


def noted(common_dir: str) -> frozenset[str]:
    """The hooks that were installed in this repository and not taken out again."""
    try:
        return frozenset(_note(common_dir).read_text(encoding="utf-8").split()) & frozenset(HOOKS)
    except (OSError, ValueError):
        return frozenset()


def note(common_dir: str, names: Iterable[str]) -> None:
    """Remember which hooks are installed, so that it shows when another program throws one out."""
    file, wanted = _note(common_dir), sorted(names)
    with _told(file):
        if wanted:
            _write(file, "".join(f"{name}\n" for name in wanted).encode(), 0o600 | (file.parent.stat().st_mode & 0o044))
        else:
            file.unlink(missing_ok=True)


def _note(common_dir: str) -> Path:
    return Path(common_dir, "gatekeeper-hooks")


def _keep(hook: HookFile) -> None:
    """Give a hook a second name, so that there is no moment without one; it keeps its bytes, mode and times."""
    if hook.has_kept:
        if hook.is_kept_too:
            return
        raise GatekeeperError(f"{hook.kept} is in the way", "look whether you need it; move it away or remove it")
    if hook.target:
        hook.kept.symlink_to(hook.target)
        return
    try:
        os.link(hook.path, hook.kept)
    except OSError:  # not every file system has hard links
        hook.path.rename(hook.kept)
        _write(hook.path, hook.content, hook.kept.stat().st_mode & 0o777)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file under another name, bring it to the disk, and rename it: an empty hook would let everything pass."""
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)  # a hook that others cannot start would not be run for them, silently
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Turn trouble with a file into words for people."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise GatekeeperError(
            f"{path}: {reason}", f"make sure that you may write into {path.parent}, and try again"
        ) from error
