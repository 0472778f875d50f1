"""Words the exact lines that a person adds to the hooks of another program, so that they start Gatekeeper."""

from __future__ import annotations

_FED = frozenset({"pre-push", "pre-receive"})


def shell_line(name: str) -> str:
    """The line of a shell script that starts a hook and stops the script when the change does not pass."""
    return f'gatekeeper hook {name} "$@" || exit'


def lefthook_lines(name: str) -> tuple[str, ...]:
    """The lines of a `lefthook.yml` that start a hook."""
    arguments = "" if name in ("pre-commit", "pre-merge-commit", "pre-receive") else " {0}"
    fed = ("      use_stdin: true",) if name in _FED else ()
    return (f"{name}:", "  jobs:", "    - name: gatekeeper", f"      run: gatekeeper hook {name}{arguments}", *fed)


def framework_line(name: str) -> str:
    """The line under `repos:` of a `.pre-commit-config.yaml` that starts a hook."""
    start = "commit-msg" if name == "commit-msg" else "framework"
    hook = f"id: gatekeeper-{name}, name: gatekeeper, entry: gatekeeper hook {start}, language: system"
    files = "" if name == "commit-msg" else ", pass_filenames: false"
    return f"- {{repo: local, hooks: [{{{hook}, always_run: true{files}, stages: [{name}]}}]}}"
