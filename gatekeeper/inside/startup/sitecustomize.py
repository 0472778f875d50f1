"""Starts coverage in a child process of the tests, for versions of coverage without a start-up file of their own."""

import contextlib
import os
import sys


def measure_this_process() -> None:
    """Start coverage as the process that runs the tests has it, with a data file of its own."""
    import json

    import coverage

    settings = json.loads(os.environ["GATEKEEPER_COVERAGE"])
    measure = coverage.Coverage(data_suffix=True, auto_data=True, **settings)
    measure.set_option("run:relative_files", False)
    measure.set_option("run:dynamic_context", None)
    measure._warn_no_data = False  # most children run nothing that is measured
    measure._warn_unimported_source = False
    measure.start()


def make_way() -> None:
    """Run the environment's own `sitecustomize`, which this file stands in front of."""
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != here]
    sys.modules.pop("sitecustomize", None)
    with contextlib.suppress(ImportError):
        import sitecustomize  # type: ignore[import-not-found]  # noqa: F401


if "GATEKEEPER_COVERAGE" in os.environ:
    with contextlib.suppress(Exception):  # a child without coverage must still do its work
        measure_this_process()
make_way()
