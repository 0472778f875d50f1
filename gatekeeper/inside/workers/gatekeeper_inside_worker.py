"""Records in a worker of pytest-xdist what its tests touch; a plugin that `record_workers.py` has every worker load.

Runs in the project's interpreter. The name of the module is one that no project has, since it can be imported there.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))


def started() -> Any:
    """The plugin that records, which listens from now on; its trace is one of this worker."""
    from importlib.util import module_from_spec, spec_from_file_location

    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != HERE]
    place = os.path.join(os.path.dirname(HERE), "run_tests.py")
    spec = spec_from_file_location("gatekeeper_inside_run_tests", place)
    assert spec is not None and spec.loader is not None  # noqa: S101 - the file lies above this one
    program = module_from_spec(spec)
    spec.loader.exec_module(program)
    with open(os.environ.pop("GATEKEEPER_WORKER_REQUEST"), encoding="ascii") as file:
        request = json.load(file)
    request["record"]["trace"] += "." + os.environ["PYTEST_XDIST_WORKER"]
    return program.load_neighbour("record").plugin(request, program.load_neighbour, pytest)


RECORDING = started()


def pytest_configure(config: Any) -> None:
    """Have it take part."""
    config.pluginmanager.register(RECORDING)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Write the trace, before the worker says that it is done."""
    RECORDING.end()
