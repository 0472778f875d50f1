"""The warm server of pylint, through real processes: the same answers, and nothing lost without it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.edges import warm
from tests.inside.test_lint import PROGRAM, asked, run_said, side, write

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the server is for Linux")

PATIENCE = 120.0
FOREIGN = "import json\n\n\nclass Thing:\n    def size(self, text):\n        return len(json.loads(text))\n"
USER = "import thing\n\n\ndef go():\n    return thing.Thing().size('1', 2) + thing.Thing().weight\n"
PROJECT = {"app/__init__.py": "", "app/user.py": USER, "app/aside.py": "import json\n\nprint(json.dump(1))\n"}
FORKED = "pylint was forked from the warm server"


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.05)


class Place:
    """A project, a library that it imports, and the folder of the servers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = folder / "project"
        self.packages = folder / "site-packages"
        self.warm = folder / "cache" / "warm"
        self.warm.mkdir(parents=True, mode=0o700)
        write(self.tree, PROJECT)
        write(self.packages, {"thing.py": FOREIGN})

    def look(self, *files: str, warm: str | None = None, **more: Any) -> tuple[dict[str, Any], str]:
        """What pylint says of the files, and what was said about the server."""
        request = asked(
            self.folder, side("head", self.tree, list(files or ("app/user.py",))), run=0,
            borrowed_path=[str(self.packages)], warm=str(self.warm) if warm is None else warm, **more,
        )  # fmt: skip
        answer, said = run_said(request, PYTHONHASHSEED="0")
        return answer["sides"]["head"], said

    def cold(self, *files: str) -> dict[str, Any]:
        """What pylint says of the files without any server."""
        return self.look(*files, warm="")[0]

    def begin(self) -> int:
        """Look once and wait for the server that comes of it; tells its process."""
        self.look()
        return self.server()

    def server(self) -> int:
        """The process of the one server, when it listens."""
        until(warm.servers)
        return warm.servers()[0].process


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setenv("GATEKEEPER_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GATEKEEPER_WARM")
    monkeypatch.delenv("CI", raising=False)
    yield Place(tmp_path)
    warm.stop_servers()
    shutil.rmtree(tmp_path / "cache", ignore_errors=True)  # one that is only beginning ends without its folder


def test_a_second_look_is_forked_and_says_the_same(place: Place) -> None:
    first, said = place.look()
    assert said.startswith("no warm server")
    process = place.server()
    again, said = place.look()
    assert said == f"{FORKED} {process}\n"
    assert again == first == place.cold()
    assert {row["symbol"] for row in again["messages"]} >= {"too-many-function-args", "no-member"}
    assert place.look("app/aside.py", "app/user.py")[0] == place.cold("app/aside.py", "app/user.py")
    write(place.tree, {"app/user.py": USER.replace(", 2", "")})
    changed, said = place.look()
    assert said.startswith(FORKED)
    assert changed == place.cold() != first


def held_by(process: Path) -> set[str]:
    """What a process has open. One that it closes while we look, such as its lock, it holds no more."""
    held = set()
    for link in (process / "fd").iterdir():
        with suppress(FileNotFoundError):
            held.add(os.readlink(link))  # noqa: PTH115 - no paths, but names of pipes
    return held


def test_it_holds_nothing_of_the_run_that_began_it(place: Place) -> None:
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)
    process = Path("/proc", str(place.begin()))
    os.close(writing)
    assert (process / "cwd").readlink() == Path("/")
    assert b"GATEKEEPER_RUN" not in (process / "environ").read_bytes()
    assert not any(str(place.tree) in name for name in held_by(process))
    os.set_blocking(reading, False)
    assert os.read(reading, 1) == b""  # nobody has its other end any more
    os.close(reading)


def test_what_changed_in_a_library_is_seen(place: Place) -> None:
    place.begin()
    write(place.packages, {"thing.py": FOREIGN.replace("self, text", "self, text, more")})
    seen, said = place.look()
    assert said.startswith(FORKED)
    assert seen == place.cold()
    assert "too-many-function-args" not in {row["symbol"] for row in seen["messages"]}


def test_a_program_that_changed_means_another_server(place: Place) -> None:
    process = place.begin()
    write(place.packages, {"another.py": ""})
    seen, said = place.look()
    assert said == "the warm server cannot look: the programs that it stands on have changed\n"
    assert seen == place.cold()
    until(lambda: place.server() != process)
    assert place.look()[1].startswith(FORKED)


def test_a_module_of_the_project_in_place_of_a_foreign_one_is_seen(place: Place) -> None:
    place.begin()
    write(place.tree, {"thing.py": "class Thing:\n    weight = 1\n\n    def size(self, *more):\n        return more\n"})
    seen, said = place.look()
    assert said.startswith(FORKED)
    assert seen == place.cold()
    assert "no-member" not in {row["symbol"] for row in seen["messages"]}


def test_what_one_file_needs_does_not_colour_what_another_sees(place: Place) -> None:
    """When `painter` is inferred, astroid gives `Thing` an attribute: whoever does not import it must not see that."""
    painter = "import thing\n\nTHING = thing.Thing()\nTHING.weight = 1\nTHING.size.colour = 2\n"
    write(place.packages, {"painter.py": painter})
    write(place.tree, {"app/painted.py": "import painter\n\nprint(painter.THING.weight)\n"})
    before = place.cold("app/user.py")
    assert "no-member" in {row["symbol"] for row in before["messages"]}
    place.look("app/painted.py", "app/user.py")
    place.server()
    for files in (("app/painted.py",), ("app/user.py",), ("app/painted.py", "app/user.py"), ("app/user.py",)):
        seen, said = place.look(*files)
        assert said.startswith(FORKED)
        assert seen == place.cold(*files)
    assert seen == before


def test_a_library_that_looks_for_a_name_of_the_project_is_built_anew(place: Place) -> None:
    """What is ready was built where no project lies: a library may find one there when pylint looks."""
    write(place.packages, {"thing.py": "try:\n    from extra import Thing\nexcept ImportError:\n    Thing = int\n"})
    place.begin()
    assert place.look()[0] == place.cold()
    write(place.tree, {"extra.py": "class Thing:\n    weight = 1\n\n    def size(self, *more):\n        return more\n"})
    seen, said = place.look()
    assert said.startswith(FORKED)
    assert seen == place.cold()
    assert "no-member" not in {row["symbol"] for row in seen["messages"]}


def test_what_is_ready_outlives_a_server(place: Place) -> None:
    process = place.begin()
    (known,) = place.warm.glob("*.known")
    assert "thing" in dict(json.loads(known.read_text()))
    os.kill(process, signal.SIGKILL)
    until(lambda: not _lives(process))
    known.with_name("old.known").touch()
    os.utime(known.with_name("old.known"), (1, 1))
    assert place.look("app/aside.py")[1].startswith("no warm server")
    until(lambda: place.server() != process)
    assert "thing" in dict(json.loads(known.read_text()))
    assert not known.with_name("old.known").exists()
    assert place.look()[0] == place.cold()


def test_what_a_child_of_it_took_is_told(place: Place) -> None:
    told = place.folder / "seconds"
    place.begin()
    assert not told.exists()
    assert place.look(elsewhere=str(told))[1].startswith(FORKED)
    assert 0 < float(told.read_text()) < PATIENCE


def test_a_dead_one_is_done_without(place: Place) -> None:
    process = place.begin()
    os.kill(process, signal.SIGKILL)
    until(lambda: not warm.servers())
    seen, said = place.look()
    assert said.startswith("no warm server")
    assert seen == place.cold()
    assert place.server() != process


def test_a_hung_one_is_done_without_and_can_be_stopped(place: Place) -> None:
    process = place.begin()
    os.kill(process, signal.SIGSTOP)
    seen, said = place.look()
    assert said == "no warm server: timed out\n"
    assert seen["looked"] == [0]
    until(lambda: not _lives(process))
    process = place.server()
    os.kill(process, signal.SIGSTOP)
    assert warm.stop_servers() == 1
    until(lambda: not _lives(process))


def test_a_folder_that_others_may_enter_is_none(place: Place) -> None:
    place.begin()
    place.warm.chmod(0o755)
    assert "is open to others" in place.look()[1]


@pytest.mark.parametrize("option", ["load-plugins=pylint.extensions.mccabe", "init-hook=pass"])
def test_options_that_run_code_mean_a_cold_look(place: Place, option: str) -> None:
    write(place.tree, {".pylintrc": f"[MAIN]\n{option}\n"})
    assert place.look()[1] == ""
    assert not list(place.warm.iterdir())


def test_a_road_into_the_project_means_a_cold_look(place: Place) -> None:
    write(place.tree, {"lib/thing.py": FOREIGN})
    place.packages = place.tree / "lib"
    assert place.look()[1] == ""
    assert not list(place.warm.iterdir())


def test_code_of_the_project_never_runs_in_it(place: Place) -> None:
    mark = place.folder / "was-imported"
    trap = f"open({str(mark)!r}, 'w').close()\n"
    names = ("json", "thing", "sitecustomize", "usercustomize", "pylint", "astroid", "lint", "conftest", "_heapq")
    write(place.tree, {f"{name}.py": trap for name in names})
    for _ in range(2):
        place.look("app/user.py", "json.py")
        until(lambda: warm.servers() or not list(place.warm.glob("*.lock")))
    assert not mark.exists()


def test_one_without_a_name_ends(place: Place) -> None:
    process = place.begin()
    shutil.rmtree(place.warm)
    until(lambda: not _lives(process))


def test_a_client_that_goes_takes_its_child_along(place: Place) -> None:
    process = place.begin()
    client = _client(_long(place))
    try:
        until(lambda: _lookers(process))
    finally:
        os.killpg(client.pid, signal.SIGKILL)
        client.wait()
    until(lambda: not _children(process))
    assert _lives(process)


def test_a_client_that_loses_its_server_looks_on(place: Place) -> None:
    """Whoever ends a server, as an orchestration does with those of its own runs, ends nobody's look."""
    process = place.begin()
    request = _long(place)
    client = _client(request)
    until(lambda: _lookers(process))
    (child,) = _lookers(process)
    write(place.tree, {"app/long.py": "import thing\n\nprint(thing.gone)\n"})
    os.kill(process, signal.SIGKILL)
    until(lambda: not _lives(process))
    os.killpg(int(child), signal.SIGKILL)
    assert client.wait(PATIENCE) == 0
    seen = json.loads(Path(request["output"]).read_text("utf-8"))["sides"]["head"]
    assert [row["symbol"] for row in seen["messages"] if row["type"] == "error"] == ["no-member"]


def _long(place: Place) -> dict[str, Any]:
    """A request to look at a file that takes much longer than whatever a test does meanwhile."""
    write(place.tree, {"app/long.py": "import thing\n\n" + "print(thing.Thing().size(1))\n" * 30_000})
    request = asked(place.folder, side("head", place.tree, ["app/long.py"]), warm=str(place.warm), run=0)
    request["borrowed_path"] = [str(place.packages)]
    return request


def _client(request: dict[str, Any]) -> subprocess.Popen[bytes]:
    """The program, asking the server and waiting for its answer."""
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    client = subprocess.Popen(
        [sys.executable, PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=environment, start_new_session=True,
    )  # fmt: skip
    assert client.stdin
    with client.stdin:
        client.stdin.write(json.dumps(request).encode())
    return client


def _children(process: int) -> list[str]:
    """The processes that this one has forked and that live."""
    states = ((place.parent.name, _state(place)) for place in Path("/proc").glob("[0-9]*/stat"))
    return [number for number, (state, parent) in states if parent == str(process) and state != "Z"]


def _lookers(process: int) -> list[str]:
    """The children that have begun to look, and so have children of their own; others only say who we are."""
    return [child for child in _children(process) if _children(int(child))]


def _lives(process: int) -> bool:
    return _state(Path(f"/proc/{process}/stat"))[0] not in "Z-"


def _state(place: Path) -> list[str]:
    """The state of a process and the number of its parent; a bar where it is gone."""
    try:
        return place.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
    except OSError:
        return ["-", ""]


def test_names_that_a_file_could_import_are_those_of_every_folder_that_is_no_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(PROGRAM).parent))
    files = ["src/app/json.py", "src/app/__init__.py", "src/space/inner.py", "tests/helper.py", "tests/deep/x.py"]
    others = ["far/away.py", "tests/typing/y.py", "tests/email/__init__.pyi", "tests/html.py"]
    write(tmp_path, dict.fromkeys([*files, *others], ""))
    request = asked(tmp_path, side("head", tmp_path, files, ("src",)))
    found = import_module("lint_names").names_lying(request)
    assert {"app", "space", "inner", "tests", "helper", "deep", "x", "src", "far", "email", "html"} <= found
    assert not {"json", "__init__", "away", "typing"} & found


def test_a_folder_that_cannot_be_looked_into_counts_and_takes_no_other_name_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(PROGRAM).parent))
    names = import_module("lint_names")
    write(tmp_path, dict.fromkeys(["abc/x.py", "helper.py", "typing/x.py"], ""))
    listed = os.listdir

    def refusing(place: str) -> list[str]:
        if Path(place).name == "abc":
            raise PermissionError(place)
        return sorted(listed(place))

    monkeypatch.setattr(names.os, "listdir", refusing)
    found = names.names_lying(asked(tmp_path, side("head", tmp_path, ["helper.py"])))
    assert {"abc", "helper"} <= found
    assert "typing" not in found
