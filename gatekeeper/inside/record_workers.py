"""Has every worker of pytest-xdist record what its tests touch, and puts the traces of all of them together.

Runs in the project's interpreter, in the process that starts the workers. A trace that is missing, of a worker that
died, means that nothing is known of the run.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Dict, List

Json = Dict[str, Any]
HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = os.path.join(HERE, "workers")
VARIABLE = "GATEKEEPER_WORKER_REQUEST"
BUCKETS = ("reads", "lists", "uses", "texts")  # what a bucket has as lists


class Workers:
    """The workers of one run; `names` are those that were started, `plugin` is by what they record."""

    def __init__(self, request: Json, plugin: str) -> None:
        self.request, self.plugin = request, plugin
        self.trace = request["record"]["trace"]
        self.names: List[str] = []

    def prepare(self, config: Any) -> str:
        """Have the workers load the plugin; returns why they cannot.

        xdist gives the arguments of pytest to its workers, and the import path that it found when it was loaded.
        """
        path = getattr(sys.modules.get("xdist.plugin"), "_sys_path", None)
        is_local = all(str(each).split("*")[-1].startswith("popen") for each in config.option.tx)
        if not isinstance(path, list) or not is_local:
            return "pytest-xdist spreads the tests over processes that cannot be looked into"
        place = self.trace + ".request"
        with open(place, "w", encoding="ascii") as file:
            json.dump(self.request, file)
        os.environ[VARIABLE] = place
        path.append(FOLDER)
        given = config.invocation_params
        config.invocation_params = type(given)(
            args=(*given.args, "-p" + self.plugin), plugins=given.plugins, dir=given.dir
        )
        config.pluginmanager.register(self)
        return ""

    def pytest_configure_node(self, node: Any) -> None:
        """A worker is about to start; one that takes the place of another has a name of its own."""
        self.names.append(str(node.gateway.id))

    def merged(self, own: Json) -> Json:
        """The trace of the whole run; `own` is that of this process, which runs no tests."""
        traces = {}
        for name in self.names:
            try:
                with open(self.trace + "." + name, encoding="ascii") as file:
                    traces[name] = json.load(file)
            except (OSError, ValueError):
                return dict(own, problem=own["problem"] or "worker {} of pytest-xdist did not end well".format(name))
        if not traces:
            return dict(own, problem=own["problem"] or "pytest-xdist started no worker")
        return together(own, traces)


def together(own: Json, traces: Dict[str, Json]) -> Json:
    """One trace of those of several processes."""
    workers = list(traces.values())
    every = [own, *workers]
    problems = [trace["problem"] for trace in every]
    problems += [
        "the workers of pytest-xdist do not agree on the {}".format(words)
        for part, words in (("environment", "environment"), ("left_out", "tests to leave out"), ("outside", "places"))
        if any(trace[part] != workers[0][part] for trace in workers)
    ]
    named: List[Json] = []
    for name, trace in [("", own), *traces.items()]:
        named.append(numbered(trace, name, sum(len(each["rows"]) for each in named)))
    ran = [test for trace in workers for test in trace["tests"]]
    always = {test for trace in every for test in trace["always"]} | {test for test in ran if ran.count(test) > 1}
    return {
        "nonce": own["nonce"],
        "problem": next(filter(None, problems), ""),
        "refused": next((trace["refused"] for trace in workers if trace["refused"]), ""),
        "left_out": workers[0]["left_out"],
        "environment": workers[0]["environment"],
        "outside": workers[0]["outside"],
        "is_plain": all(trace["is_plain"] for trace in workers),
        "patterns": workers[0]["patterns"] if all(trace["patterns"] for trace in workers) else [],
        **{part: united(trace[part] for trace in every) for part in ("modules", "blobs")},
        **{part: [each for trace in every for each in trace[part]] for part in ("edges", "asked", "kept", "made")},
        "rows": [row for trace in named for row in trace["rows"]],
        **{part: united(trace[part] for trace in named) for part in ("fixtures", "tests")},
        "session": one_bucket([trace["session"] for trace in named]),
        "always": sorted(always),
        "covered": covering([trace["covered"] for trace in every]),
    }


def numbered(trace: Json, name: str, first: int) -> Json:
    """The buckets of a trace, with numbers of fixtures that no other process has; `first` is that of its first row."""

    def renamed(bucket: Json) -> Json:
        return dict(bucket, uses=["{}:{}".format(name, number) for number in bucket["uses"]])

    return {
        "session": renamed(trace["session"]),
        "rows": [renamed(row) for row in trace["rows"]],
        "tests": {test: number + first for test, number in trace["tests"].items()},
        "fixtures": {"{}:{}".format(name, number): renamed(each) for number, each in trace["fixtures"].items()},
    }


def united(parts: Any) -> Json:
    """All that is in any of these."""
    found: Json = {}
    for part in parts:
        found.update(part)
    return found


def one_bucket(buckets: List[Json]) -> Json:
    """What was done in any of these."""
    entered: Dict[str, List[int]] = {}
    for bucket in buckets:
        for path, lines in bucket["entered"].items():
            entered[path] = sorted({*entered.get(path, ()), *lines})
    lists = {part: sorted({each for bucket in buckets for each in bucket[part]}) for part in BUCKETS}
    everything = next((bucket["everything"] for bucket in buckets if bucket["everything"]), "")
    flags = {part: any(bucket[part] for bucket in buckets) for part in ("lines", "starts")}
    return {"entered": entered, "everything": everything, **flags, **lists}


def covering(parts: List[Any]) -> Any:
    """What the tests of all processes cover; None where that of one is not known, or was measured otherwise."""
    if not all(part and all(part[key] == parts[0][key] for key in ("settings", "branches")) for part in parts):
        return None
    by: Json = {}
    for part in parts:
        for test, files in part["by"].items():
            for path, places in files.items():
                by.setdefault(test, {}).setdefault(path, []).extend(places)
    return dict(parts[0], by=by)
