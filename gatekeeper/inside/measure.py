"""Measures coverage while tests run, in this process and in those that it starts; runs in the project's interpreter."""

from __future__ import annotations

import glob
import json
import os
import sys
import warnings
from typing import Any, Dict, Optional

OWN_TESTS = ("{root}/tests/*", "{root}/test/*", "*/test_*.py", "*_test.py", "*/conftest.py")

SETTLED_CORE = (7, 11)  # the version of coverage from which on its core on `sys.monitoring` is no experiment


def configured(coverage: Any, base: Optional[str], **options: Any) -> Any:
    """A coverage object with the configuration that coverage finds in the folder `base`, or else in the current one.

    Paths in a configuration mean those of the working folder, wherever the file lies; a project that the base does not
    have goes by its own.
    """
    here = os.getcwd()
    if not base or not os.path.isdir(base):
        return coverage.Coverage(**options)
    try:
        os.chdir(base)
        return coverage.Coverage(**options)
    finally:
        os.chdir(here)


def adjust(measure: Any, root: str) -> None:
    """Keep the project's configuration, but for what would make the data unfit for us.

    Files are named by absolute paths, tests are not told apart, and where the project does not say what to measure, it
    is the project without its tests.
    """
    measure.set_option("run:relative_files", False)
    measure.set_option("run:dynamic_context", None)
    measure.set_option("run:parallel", True)
    chosen = ("run:source", "run:source_pkgs", "run:source_dirs", "run:include")
    if not any(option(measure, name) for name in chosen):
        measure.set_option("run:source", [root])
        if not option(measure, "run:omit"):
            measure.set_option("run:omit", [pattern.format(root=root) for pattern in OWN_TESTS])
    for name in ("run:omit", "run:include"):
        patterns = option(measure, name)
        if patterns:  # a process with another working folder must read them as this one does
            measure.set_option(name, [p if p[:1] in "*?" else os.path.abspath(p) for p in patterns])


def option(measure: Any, name: str) -> Any:
    """The value of a setting, or None where this version of coverage does not know it."""
    try:
        return measure.get_option(name)
    except Exception:  # noqa: BLE001 - an older coverage raises its own kind of error
        return None


def may_choose(measure: Any, version: Any) -> bool:
    """Whether `sys.monitoring` can take the place of what coverage takes by itself, and nobody has chosen.

    That is so on Python 3.12 and 3.13; from 3.14 on coverage chooses it by itself. It knows no plugins and no
    greenlets. What the project or the user has chosen stays, and so does an older coverage.
    """
    if not (3, 12) <= sys.version_info < (3, 14) or version < SETTLED_CORE or os.environ.get("COVERAGE_CORE"):
        return False
    if any(option(measure, name) for name in ("run:core", "run:plugins", "run:timid")):
        return False
    return not set(option(measure, "run:concurrency") or ()) - {"thread", "multiprocessing"}


def choose_core(measure: Any, version: Any) -> None:
    """Have lines measured through `sys.monitoring`, which costs a fraction; coverage sees no branches there."""
    if may_choose(measure, version) and not option(measure, "run:branch"):
        measure.set_option("run:core", "sysmon")


def collector(measure: Any, version: Any, only: Any, load: Any) -> Any:
    """What collects the branches of the files `only` in the place of coverage, and has begun; else None.

    It is coverage that has to where a process may get its settings in other ways than our children do.
    """
    if not only or not option(measure, "run:branch") or not may_choose(measure, version):
        return None
    if set(option(measure, "run:patch") or ()) - {"subprocess"}:
        return None
    if "multiprocessing" in (option(measure, "run:concurrency") or ()):
        return None
    arcs = load("measure_arcs").Arcs(only)
    return arcs if arcs.start() else None


def follow_children(measure: Any, startup: str, coverage: Any) -> None:
    """Make every Python process that the tests start measure itself.

    coverage ships a start-up file in newer versions, which reads the whole configuration from one variable. Older
    ones would write that file into the environment for the time being; a folder on the children's path does it
    without touching the environment.
    """
    patches = option(measure, "run:patch")
    if patches:
        measure.set_option("run:patch", [patch for patch in patches if patch != "subprocess"])
    if "multiprocessing" in (option(measure, "run:concurrency") or ()):
        # Its children read the project's configuration anew, and would write their data into the tree.
        os.environ["COVERAGE_FILE"] = measure.config.data_file
    packages = os.path.dirname(os.path.dirname(os.path.abspath(coverage.__file__)))
    if hasattr(measure.config, "serialize") and glob.glob(os.path.join(packages, "*coverage*.pth")):
        os.environ["COVERAGE_PROCESS_CONFIG"] = measure.config.serialize()
        return
    config = measure.config
    os.environ["GATEKEEPER_COVERAGE"] = json.dumps(
        {
            "data_file": config.data_file,
            "config_file": config.config_file or False,
            "branch": config.branch,
            "source": [os.path.abspath(s) if os.path.isdir(s) else s for s in config.source or []] or None,
            "omit": config.run_omit,
            "include": config.run_include,
        }
    )
    paths = [startup] + [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)


class Measurement:
    """A measurement of this process and its children; without settings, one that does nothing.

    `settings` holds the folder "data", the project's "root", the folder "startup", and where the configuration is that
    of the base, the project's folder there as "base". Where nothing is asked of other files, "only" names those whose
    coverage will be read; `is_whole` says that all files were measured nevertheless. Every process writes a file of
    its own below the data folder. `problem` says why nothing is measured, where it should be: the tests run all the
    same. `load` gives a module that lies beside this one.
    """

    def __init__(self, settings: Optional[Dict[str, Any]], load: Any) -> None:
        self.folder = ""
        self.problem = ""
        self.measure: Any = None
        self.arcs: Any = None
        if settings:
            try:
                self.start(settings, load)
            except Exception as error:  # noqa: BLE001 - broken configuration, broken plugins, an old coverage
                self.problem = "{}: {}".format(type(error).__name__, error)
                if self.arcs is not None:
                    self.arcs.stop()

    @property
    def is_whole(self) -> bool:
        """Whether all files are measured that the configuration wants measured."""
        return self.arcs is None

    def start(self, settings: Dict[str, Any], load: Any) -> None:
        """Start measuring; raises what coverage raises."""
        import coverage

        for name in ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG", "COVERAGE_FILE"):
            os.environ.pop(name, None)  # whoever measures us must not measure in our place
        os.makedirs(settings["data"], exist_ok=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            place = os.path.join(settings["data"], "data")
            measure = configured(coverage, settings.get("base"), data_file=place, data_suffix=True)
            adjust(measure, settings["root"])
            choose_core(measure, coverage.version_info)
            follow_children(measure, settings["startup"], coverage)
            self.arcs = collector(measure, coverage.version_info, settings.get("only"), load)
            if self.arcs is not None:  # by its own rules coverage still tells which files are measured
                measure.set_option("run:branch", False)
                measure.set_option("run:core", "sysmon")
                measure.set_option("run:data_file", os.path.join(settings["data"] + ".lines", "data"))
            measure.start()
        self.measure, self.folder = measure, settings["data"]

    def end(self) -> str:
        """Stop and save; returns the folder of the data, or nothing where nothing was measured."""
        if self.measure is not None:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.measure.stop()
                if self.arcs is None:
                    self.measure.save()
                else:
                    self.arcs.stop()
                    self.problem = self.arcs.save(self.measure.get_data(), os.path.join(self.folder, "data"))
        return self.folder
