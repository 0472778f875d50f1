"""Client and fake forge on both sides of Prism, which holds every exchange against GitHub's own description.

Installs 475 MB from the npm registry, so it runs where GATEKEEPER_TEST_NETWORK is set, as in `.ci/run`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gatekeeper.edges.forge import Forge
from gatekeeper.edges.forge_comments import Comments, find_pull
from gatekeeper.model.forge import ForgeError, PublishTarget
from tests.contract.cut import written
from tests.contract.description import VENDORED
from tests.contract.fake_forge import HEAD, REPOSITORY, TOKEN, FakeForge, Fault, serving
from tests.contract.hands import Hands
from tests.contract.test_checks import PASSED, checks, report, wanted
from tests.contract.test_comments import CONTEXT, TARGET, body, without_marker
from tests.npm import installed

pytestmark = pytest.mark.long
HERE = Path(__file__).parent
PATIENCE = 120.0


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which Prism and GitHub's description are installed; skips where they cannot be had."""
    if not os.environ.get("GATEKEEPER_TEST_NETWORK"):
        pytest.skip("GATEKEEPER_TEST_NETWORK is not set: GitHub's own description was not asked through Prism")
    folder = tmp_path_factory.mktemp("prism")
    shutil.copy(HERE / "package.json", folder)
    return installed(folder)


@pytest.fixture(scope="module")
def proxied(packages: Path) -> Iterator[tuple[FakeForge, str]]:
    """A fake forge, and the address of a Prism in front of it; started once, since that takes seconds."""
    with serving(FakeForge()) as fake, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        line = ["node", str(packages / ".bin" / "prism"), "proxy", "-h", "127.0.0.1", "-p", str(port), "--errors"]
        log = packages.parent / "log"
        with log.open("wb") as output:
            prism = subprocess.Popen([*line, str(VENDORED / "api.json"), fake.address], stdout=output, stderr=output)
        try:
            _wait_for(prism, port, log)
            fake.address = f"http://127.0.0.1:{port}"  # what the Link headers name
            yield fake, fake.address
        finally:
            prism.kill()
            prism.wait()


def _wait_for(prism: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and prism.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"Prism did not start: {log.read_text(errors='replace')[-2000:]}")


def test_the_vendored_description_is_what_is_cut_from_githubs_own(packages: Path) -> None:
    source = packages / "@octokit" / "openapi" / "generated" / "api.github.com.json"
    assert written(json.loads(source.read_text(encoding="utf-8"))) == (VENDORED / "api.json").read_text(
        encoding="utf-8"
    )


def test_all_that_publishing_asks_is_as_github_describes_it(proxied: tuple[FakeForge, str]) -> None:
    fake, address = proxied
    fake.comments[2] = []
    for number in range(105):
        fake.add(f"comment {number}", "somebody", "User")
    forge = Forge(address, TOKEN, Hands().clock)
    assert find_pull(forge, TARGET)[0]
    assert find_pull(forge, PublishTarget(REPOSITORY, 0, fake.pulls[0]["head"]["label"], HEAD, 70, 1, ""))[0]
    fake.login = "octocat"
    assert Comments(forge, 2, CONTEXT, without_marker).writer() == "octocat"
    fake.login = None
    for run, text in ((70, "red"), (71, "green")):
        Comments(forge, 2, replace(CONTEXT, run_id=run), without_marker).bring(body(text, run), True)
    fake.add(body("twice", 71))
    Comments(forge, 2, replace(CONTEXT, run_id=72), without_marker).bring(body("last", 72), True)
    assert fake.bodies()[105:] == [body("last", 72)]
    assert {entry.method for entry in fake.seen} == {"GET", "POST", "PATCH", "DELETE"}
    assert any(entry.path.startswith("/repositories/1000/issues/2/comments?") for entry in fake.seen)
    assert fake.violations == []


def test_all_that_a_check_run_asks_is_as_github_describes_it(proxied: tuple[FakeForge, str]) -> None:
    fake, address = proxied
    fake.address, fake.seen = address, []
    assert checks(fake, Hands()).bring(wanted(report(120))) == "made the check run"
    for _ in range(100):
        fake.checks.add("gate", HEAD, "other-app")
    fake.faults = [Fault("PATCH", status=502, after=True)]
    assert checks(fake, Hands()).bring(wanted(PASSED, 71)) == "made the check run"
    assert checks(fake, Hands()).bring(wanted(report(60), 72)) == "updated the check run"
    own = [run for run in fake.checks.runs if run["app"]["slug"] == "our-app"]
    assert [run["output"]["annotations_count"] for run in own] == [120, 60]
    assert any(entry.path.startswith("/repositories/1000/commits/") for entry in fake.seen)
    assert fake.violations == []


def test_prism_would_have_noticed(proxied: tuple[FakeForge, str]) -> None:
    fake, address = proxied
    path, forge = f"/repos/{REPOSITORY}/issues/2/comments", Forge(address, TOKEN, Hands().clock)
    with pytest.raises(ForgeError, match="422"):
        forge.write("POST", path, {"text": "no body"}, "posting")
    with pytest.raises(ForgeError, match="404"):
        forge.get("/not/described", "asking")
    with pytest.raises(ForgeError, match="422"):
        forge.get(f"/repos/{REPOSITORY}/pulls?state=odd", "asking")
    fake.faults = [Fault("POST", status=201, document={"id": "7"})]
    with pytest.raises(ForgeError, match="500"):
        forge.write("POST", path, {"body": "x"}, "posting")
