"""Tells by what, beside the files of the tree, the outcome of tests is decided; runs in the project's interpreter."""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from typing import Any, Dict, Iterable, List

Json = Dict[str, Any]

# What differs from shell to shell, or from run to run by our own doing.
PASSING_VARIABLES = (
    *("_", "PWD", "OLDPWD", "SHLVL", "WINDOWID", "GPG_TTY", "PYTHONPATH", "HYPOTHESIS_STORAGE_DIRECTORY", "COLUMNS"),
    *("LINES", "PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE", "PYTEST_CURRENT_TEST"),
    *("PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"),
    *("PYTEST_VERSION", "TMPDIR", "PS1", "GATEKEEPER_COVERAGE"),
)
PASSING_BEGINNINGS = ("SSH_", "DBUS_", "XDG_SESSION_", "GATEKEEPER_", "GIT_", "TERM_SESSION", "GITHUB_RUN_", "KITTY_")
# What a job of GitHub Actions says of itself: of its commit, its event, its run and its machine.
OF_THE_JOB = (
    *("GITHUB_SHA", "GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REF_TYPE", "GITHUB_REF_PROTECTED", "GITHUB_HEAD_REF"),
    *("GITHUB_BASE_REF", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_ACTOR", "GITHUB_ACTOR_ID"),
    *("GITHUB_TRIGGERING_ACTOR", "GITHUB_WORKFLOW_REF", "GITHUB_WORKFLOW_SHA", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER"),
    *("GITHUB_RUN_ATTEMPT", "RUNNER_NAME", "RUNNER_TRACKING_ID", "ACTIONS_ORCHESTRATION_ID", "INVOCATION_ID"),
    *("JOURNAL_STREAM", "SYSTEMD_EXEC_PID"),
)
SHARED = ("pyproject.toml", "setup.cfg", "tox.ini")  # many tools have a part in these
WORKER_PLUGIN = "gatekeeper_inside_worker"  # by which the workers of pytest-xdist record, too
BUILT = (".so", ".pyd", ".dylib")


def digest(words: Iterable[str]) -> str:
    """A short name for these words."""
    joined = "\0".join(words).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:20]


def environment(config: Any, request: Json, roots: List[str]) -> Dict[str, str]:
    """What decides beside the tree, part by part; two runs may share outcomes only where every part is equal."""
    return {
        "python": " ".join((sys.version, sys.executable, platform.platform(), flags())),
        "packages": digest(packages()),
        "variables": digest(variables(os.environ)),
        "settings of pytest": digest(settings(config, request)),
        "import roots": digest(os.path.relpath(root, os.path.realpath(request["tree"])) for root in roots),
        "built files": digest(built_files(request["tree"], roots)),
    }


def hide_the_job(environ: Any) -> None:
    """Take out of the environment what differs from job to job: what no test can see decides no outcome."""
    if environ.get("GITHUB_ACTIONS") == "true":
        for name in OF_THE_JOB:
            environ.pop(name, None)


def flags() -> str:
    """How Python was started, but for whether it writes bytecode: in the user's own tree we tell it not to."""
    names = [name for name in dir(sys.flags) if not name.startswith(("_", "n_")) and name != "dont_write_bytecode"]
    return " ".join("{}={}".format(name, getattr(sys.flags, name)) for name in names if name not in ("count", "index"))


def packages() -> List[str]:
    """Every installed distribution, with a digest of what was installed.

    An installation in place leaves its description in the project's folder as well, which a copy of the tree does not
    have, or the import path leads to it in other ways. It is left out where one that is installed says the same.
    """
    from importlib import metadata

    installed, told = set(), set()
    lying = {}
    for each in metadata.distributions():
        described = each.read_text("METADATA") or each.read_text("PKG-INFO") or ""
        said = [described, each.read_text("entry_points.txt") or ""]
        # The code of a project that is installed in place is told by its tree, what else was installed of it is not.
        place = str(getattr(each, "_path", None) or each.metadata["Name"])  # to read metadata takes long
        record, link = each.read_text("RECORD"), each.read_text("direct_url.json") or ""
        word = "{} {}".format(os.path.basename(place), digest([link + (record or "".join(said))]))
        if record:
            installed.add(word)
            told.add(digest(said))
        else:
            lying[word] = digest(said)
    return sorted(installed.union(word for word, said in lying.items() if said not in told))


def variables(environ: Any) -> List[str]:
    """The environment variables that tests could read, as `NAME=value`."""
    return sorted(
        "{}={}".format(name, value)
        for name, value in environ.items()
        if name not in PASSING_VARIABLES and not name.startswith(PASSING_BEGINNINGS)
    )


def settings(config: Any, request: Json) -> List[str]:
    """What pytest goes by: its settings, its arguments, and the plugins beside our own.

    Over how many processes we spread the tests is no part of it: who has them spread says that it does not matter.
    """
    ours = (*request.get("spread", ()), "-p" + WORKER_PLUGIN)
    words = [str(word) for word in config.invocation_params.args]
    given = [word for word in words if word not in ours and not word.startswith("cache_dir=")]
    plugins = sorted(str(name) for name, plugin in config.pluginmanager.list_name_plugin() if plugin)
    named = [name for name in plugins if not name.isdigit() and os.sep not in name and name != WORKER_PLUGIN]
    file = str(getattr(config, "inipath", None) or getattr(config, "inifile", None) or "")
    place = os.path.relpath(request["root"], request["tree"])
    texts = [*given, *named, *written(config, file), place]
    return [text.replace(os.path.realpath(request["tree"]), "").replace(request["tree"], "") for text in texts]


def written(config: Any, file: str) -> List[str]:
    """What pytest took from its settings file; the whole file where it is all pytest's own, or cannot be told.

    The folder of its cache is ours in each run, and another one in each place.
    """
    found = vars(config).get("_inicfg", vars(config).get("inicfg"))  # the name from pytest 9.1 on, and that before
    name = os.path.basename(file)
    if name not in SHARED or not isinstance(found, dict):
        return [name, content(file)]
    return [name, *sorted("{}={!r}".format(key, value) for key, value in found.items() if key != "cache_dir")]


def built_files(tree: str, roots: List[str]) -> List[str]:
    """The compiled modules in the tree, which come from no commit, with their contents."""
    found = []
    for root in roots or [tree]:
        for folder, below, names in os.walk(root):
            below[:] = [name for name in below if not name.startswith(".") and name not in ("node_modules",)]
            if "pyvenv.cfg" in names:
                below[:] = []
                continue
            for name in names:
                place = os.path.join(folder, name)
                if name.endswith(BUILT):
                    found.append("{} {}".format(os.path.relpath(place, tree), content(place)))
    return sorted(set(found))


def content(place: str) -> str:
    """The id that Git gives to a file of this content; empty where it cannot be read, or is a pipe to wait for."""
    if not os.path.isfile(place):
        return ""
    try:
        with open(place, "rb") as file:
            text = file.read()
    except OSError:
        return ""
    return hashlib.sha1(b"blob %d\0" % len(text) + text).hexdigest()  # noqa: S324 - it is Git's
