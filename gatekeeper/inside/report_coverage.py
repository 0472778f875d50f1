"""Says which lines of the named files the tests ran, by what their processes measured.

Started by path under the project's own interpreter, with a request as JSON on standard input: the folder "data", the
"files" (absolute paths), whether the "total" is wanted, what is "remembered" of tests that were left out, and where to
write the "report". It keeps to Python 3.8, the standard library and coverage.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
import warnings
from typing import Any, Dict, List, Optional, Tuple

Json = Dict[str, Any]

NO_DATA = "no coverage data was written"


def load_measure() -> Any:
    """The module that started the measurement, for the same view of the project's configuration."""
    return load_neighbour("measure")


def load_neighbour(name: str) -> Any:
    """A module that lies beside this one."""
    from importlib.util import module_from_spec, spec_from_file_location

    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".py")
    spec = spec_from_file_location("gatekeeper_inside_" + name, place)
    assert spec is not None and spec.loader is not None  # noqa: S101 - the file lies beside this one
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def combined(request: Json) -> Any:
    """A coverage object that holds the data of all processes, or None where there is none."""
    import coverage
    from coverage.exceptions import CoverageException

    module = load_measure()
    measure = module.configured(coverage, request.get("base"), data_file=os.path.join(request["data"], "data"))
    module.adjust(measure, request["root"])
    if not os.path.isdir(request["data"]):
        return None
    try:
        measure.combine([request["data"]], strict=True, keep=True)
    except CoverageException:
        return None
    return measure if measure.get_data().measured_files() else None


def left_out(measure: Any, path: str, roots: List[str]) -> str:
    """Why the project's configuration does not measure a file that no data names; empty where it should have been."""
    from coverage.files import GlobMatcher, prep_patterns

    option = load_measure().option
    dirs, packages = sources(measure)
    include, omit = option(measure, "run:include"), option(measure, "run:omit")
    if dirs or packages:
        name = dotted(path, roots)
        known = any((path + os.sep).startswith(os.path.realpath(folder) + os.sep) for folder in dirs)
        if not known and not any(name == package or name.startswith(package + ".") for package in packages):
            return "outside of the configured source"
    elif include and not GlobMatcher(prep_patterns(include), "include").match(path):
        return "not among the configured include patterns"
    if omit and GlobMatcher(prep_patterns(omit), "omit").match(path):
        return "omitted by the configuration"
    return ""


def sources(measure: Any) -> Tuple[List[str], List[str]]:
    """The folders and the packages that the project's configuration names as what is to be measured."""
    option = load_measure().option
    dirs: List[str] = []
    packages: List[str] = list(option(measure, "run:source_pkgs") or [])
    for source in list(option(measure, "run:source") or []) + list(option(measure, "run:source_dirs") or []):
        (dirs if os.path.isdir(source) else packages).append(source)
    return dirs, packages


def unknown_sources(measure: Any, roots: List[str]) -> List[str]:
    """The configured packages of which no import root holds anything: a mistyped or a forgotten name."""

    def is_there(package: str) -> bool:
        places = [os.path.join(root, *package.split(".")) for root in roots]
        return any(os.path.isdir(place) or os.path.exists(place + ".py") for place in places)

    return [package for package in sources(measure)[1] if not is_there(package)]


def dotted(path: str, roots: List[str]) -> str:
    """The name under which a file is imported, by the longest import root above it."""
    above = [root for root in map(os.path.realpath, roots) if path.startswith(root + os.sep)]
    if not above:
        return ""
    name = os.path.splitext(path[len(max(above, key=len)) + 1 :])[0].replace(os.sep, ".")
    return name[: -len(".__init__")] if name.endswith(".__init__") else name


def lines_of(measure: Any, files: List[str]) -> Json:
    """What coverage says of the files, in the words of its JSON report."""
    from coverage.exceptions import CoverageException

    answer: Json = {}
    if files:
        handle, place = tempfile.mkstemp(suffix=".json")
        os.close(handle)
        try:
            measure.json_report(morfs=files, outfile=place, ignore_errors=True, pretty_print=False)
            with open(place, encoding="utf-8") as file:
                said = json.load(file)["files"]
            answer = {os.path.realpath(name): entry for name, entry in said.items()}
        except CoverageException:
            answer = {}  # the configuration leaves all of them out of the report
        finally:
            os.unlink(place)
    return answer


def share_of(measure: Any, request: Json) -> Tuple[float, Json]:
    """The share of the whole project in %, with what is remembered of tests that were left out; and what that is."""
    told: Json = {"merged": 0, "exact": True}
    remembered = request.get("remembered")
    if remembered:
        key = load_neighbour("record_key")
        settings = load_neighbour("record_coverage").settings_of(measure, request["root"], key.digest)
        told = load_neighbour("report_remembered").add(measure, remembered, settings)
    return measure.report(file=io.StringIO(), ignore_errors=True), told


def entry_of(measure: Any, path: str, said: Optional[Json], request: Json) -> Json:
    """The report on one file."""
    reason = ""
    if path not in request["measured"]:
        reason = left_out(measure, path, request["import_roots"])
    if reason:
        return {"left_out": reason}
    if said is None:
        trouble = unparsable(path)
        return {"problem": trouble} if trouble else {"left_out": "left out of the report by the configuration"}
    keys = ("executed_lines", "missing_lines", "excluded_lines", "executed_branches", "missing_branches")
    return {key: said.get(key, []) for key in keys}


def unparsable(path: str) -> str:
    """Why this interpreter cannot read a source file; empty where it can."""
    try:
        with open(path, "rb") as file:
            compile(file.read(), path, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError) as error:
        return "{}: {}".format(type(error).__name__, error)
    return ""


def main() -> None:
    """Write the report, or one that says why there is nothing to read."""
    request = json.loads(sys.stdin.buffer.read().decode("utf-8"))
    warnings.simplefilter("ignore")
    report = {"nonce": request["nonce"], "files": {}, "total": None, "problem": "", "branches": False}
    report["unknown_sources"] = []
    measure = combined(request)
    if measure is None:
        report["problem"] = NO_DATA
    else:
        data = measure.get_data()
        request["measured"] = {os.path.realpath(name) for name in data.measured_files()}
        report["branches"] = data.has_arcs()
        report["unknown_sources"] = unknown_sources(measure, request["import_roots"])
        places = {path: os.path.realpath(path) for path in request["files"]}
        said = lines_of(measure, sorted(set(places.values())))
        for path, place in places.items():
            report["files"][path] = entry_of(measure, place, said.get(place), request)
        if request["total"]:  # at the end: lines that are remembered are no part of the coverage of the change
            report["total"], told = share_of(measure, request)
            report.update(told)
    with open(request["report"] + ".part", "w", encoding="ascii") as file:
        json.dump(report, file)
    os.replace(request["report"] + ".part", request["report"])


if __name__ == "__main__":
    main()
