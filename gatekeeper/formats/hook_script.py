"""Writes the script of an installed hook from its template, and recognises such a script again."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from hashlib import sha256

HOOKS = ("pre-commit", "commit-msg", "pre-push", "pre-merge-commit", "pre-receive")
KEPT = ".before-gatekeeper"
"""What is added to the name of a hook that stood there before and is called first."""
_FED = frozenset({"pre-push", "pre-receive"})  # Git tells them of the refs on standard input
_MARK = "# Git hook of Gatekeeper for "
_INSTALLED = re.compile(r"^# installed by gatekeeper (\S+), checksum ([0-9a-f]{16})\n", re.MULTILINE)
_QUOTED = r"=((?:'[^']*'|\"[^\"]*\"|[^\s'\"])*)$"
_SETTING = {name: re.compile(f"^{name}{_QUOTED}", re.MULTILINE) for name in ("python", "package", "before")}
_COMMAND = re.compile(r"^[^#\n]*\bgatekeeper['\"]?\s+hook\s+['\"]?([a-z-]+)", re.MULTILINE)
_OWN_NAME = re.compile(r"basename\W+(?:--\W+)?\$\{?0|\$\{0##\*/\}|basename\(\s*(?:\$0|__FILE__|sys\.argv|__file__)")

_KEPT_FIRST = """\
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd -P) || exit 3
before="$here/{kept}"
if [ "${{GATEKEEPER_BEFORE-}}" != "$before" ]{yields}; then # or else this script was called by the one that it calls
    if [ ! -e "$before" ]; then
        echo "gatekeeper: {name} was not judged, since the hook to call first is gone: $before" >&2
        echo '  put it back, or take it out for good: gatekeeper uninstall --hook {name}, then install again' >&2
        exit 3
    fi
{call}fi
"""
_YIELDS = ' && [ "${0%.legacy}" = "$0" ]'  # who moved this script to NAME.legacy has run before it
_CALL = """\
    [ ! -x "$before" ] || GATEKEEPER_BEFORE=$before "$before" "$@" || exit
"""
_CALL_FED = """\
    given=$(cat) # what Git says of the refs is for both
    if [ -n "$given" ]; then
        [ ! -x "$before" ] || GATEKEEPER_BEFORE=$before "$before" "$@" <<END_OF_REFS || exit
$given
END_OF_REFS
        exec <<END_OF_REFS
$given
END_OF_REFS
    else
        [ ! -x "$before" ] || GATEKEEPER_BEFORE=$before "$before" "$@" </dev/null || exit
        exec </dev/null
    fi
"""
_PROGRAM = """\
python={python}
package={package}
[ -x "$python" ] && [ -f "$package" ] && exec "$python" -P -m gatekeeper hook {name} "$@"
"""


@dataclass(frozen=True, slots=True)
class Program:
    """What an installed hook tries first: an interpreter, and the file that tells whether Gatekeeper is still there."""

    version: str
    python: str
    package: str


@dataclass(frozen=True, slots=True)
class HookScript:
    """A script of Gatekeeper as it was found.

    `program` is None for a bare copy of the template; `chained` tells whether it calls the hook from before first,
    `yields` whether it leaves that to the program that moved it aside; `intact` whether nobody has edited it since it
    was written.
    """

    name: str
    program: Program | None
    chained: bool
    yields: bool
    intact: bool


def hook_script(template: bytes, name: str, program: Program, chained: bool, yields: bool = False) -> bytes:
    """The script to install as hook `name`: the template, with what is known only here written into it.

    `chained` makes it call the hook from before first; with `yields` it does not where it was moved to NAME.legacy:
    pre-commit and prek do that when they are installed again, and would be called twice.
    """
    first, mark, rest = _text(template).split("\n", 2)
    before = _before(name, yields) if chained else ""
    tried = _PROGRAM.format(name=name, python=shlex.quote(program.python), package=shlex.quote(program.package))
    body = f"{before}{tried}{rest}"
    checksum = _checksum(f"{first}\n{mark}\n{body}")
    installed = f"# installed by gatekeeper {program.version}, checksum {checksum}"
    return f"{first}\n{mark}\n{installed}\n{body}".encode("utf-8", "surrogateescape")


def read_hook_script(content: bytes, template: bytes) -> HookScript | None:
    """The script of Gatekeeper that these bytes are, of whatever version; None for the script of somebody else."""
    text = _text(content)
    lines = text.split("\n", 2)
    if len(lines) < 3 or not lines[1].startswith(_MARK):
        return None
    name = lines[1].removeprefix(_MARK).split(":")[0].strip()
    installed = _INSTALLED.search(text)
    if installed is None:
        return HookScript(name, None, False, False, content == template)
    intact = _checksum(text.replace(installed.group(), "", 1)) == installed.group(2)
    program = Program(installed.group(1), _setting(text, "python"), _setting(text, "package"))
    chained = _SETTING["before"].search(text) is not None
    return HookScript(name, program, chained, _YIELDS in text, intact)


def calls_gatekeeper(text: str, name: str) -> bool:
    """Whether a script or a configuration file has a line, not commented out, that starts this hook of Gatekeeper."""
    return any(found.group(1) == name for found in _COMMAND.finditer(text))


def goes_by_its_own_name(script: str) -> bool:
    """Whether a script looks at the name that it was started by, and so would do something else under another one."""
    return _OWN_NAME.search(script) is not None


def _before(name: str, yields: bool) -> str:
    call = _CALL_FED if name in _FED else _CALL
    return _KEPT_FIRST.format(name=name, kept=f"{name}{KEPT}", call=call, yields=_YIELDS if yields else "")


def _setting(text: str, name: str) -> str:
    found = _SETTING[name].search(text)
    return "".join(shlex.split(found.group(1))) if found else ""


def _checksum(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")
