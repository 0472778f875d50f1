"""What pre-commit and prek print is read hook by hook, and what a hook prints cannot pass for another one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.hook_report import HookResult, Place, places_of, read_hook_report

PRINTED = """\
[INFO] Initializing environment for /hooks.
place....................................................................Failed
- hook id: place-id
- exit code: 1

a.txt:1:2: E1 bad thing
  ./-b:3: other
c.txt:4 is not known

second...........Passed
\x1b[31mred\x1b[0m: no place
fixer....................................................................Failed
- hook id: fixer
- duration: 0.01s
- files were modified by this hook
none (x).............................................(no files to check)Skipped
left....................................................................Skipped
ok.......................................................................Passed
killed...................................................................Failed
- hook id: killed
- exit code: -9
"""
INDENTED = """\
place....................................................................Failed
- hook id: place
- exit code: 1

  a.txt:1:2: E1 bad thing
"""


def test_the_hooks_in_order() -> None:
    hooks = read_hook_report(PRINTED)
    assert [(hook.label, hook.status, hook.no_files, hook.exit_code, hook.modified) for hook in hooks] == [
        ("place-id", "Failed", False, 1, False),
        ("fixer", "Failed", False, 0, True),
        ("none (x)", "Skipped", True, 0, False),
        ("left", "Skipped", False, 0, False),
        ("ok", "Passed", False, 0, False),
        ("killed", "Failed", False, -9, False),
    ]
    assert hooks[0].lines[-2:] == ("second...........Passed", "red: no place")


def test_the_places_in_known_files() -> None:
    known = {"a.txt", "-b"}
    assert list(places_of(read_hook_report(PRINTED)[0], known)) == [
        Place("a.txt", 1, 2, "E1 bad thing"),
        Place("-b", 3, None, "other"),
    ]
    assert list(places_of(read_hook_report(INDENTED)[0], known)) == [Place("a.txt", 1, 2, "E1 bad thing")]


@pytest.mark.parametrize(
    ("hook", "trouble"),
    [
        (HookResult("x", "Failed", exit_code=1, lines=("Executable `x` not found",)), "Executable `x` not found"),
        (HookResult("x", "Failed", exit_code=127), "exit code 127: what it starts is missing or cannot be started"),
        (HookResult("x", "Failed", exit_code=-15), "it was killed by signal 15"),
        (HookResult("x", "Failed", exit_code=1, lines=("x not found",)), ""),
    ],
)
def test_why_a_hook_could_not_look(hook: HookResult, trouble: str) -> None:
    assert hook.trouble == trouble


@given(st.text(max_size=300))
def test_what_a_hook_prints_never_breaks_the_reading(text: str) -> None:
    start = INDENTED.splitlines()[0]
    hooks = read_hook_report(f"{start}\n- hook id: x\n- exit code: 1\n\n{text}\n")
    assert hooks[0].failed
    for hook in hooks:
        list(places_of(hook, {"a"}))
