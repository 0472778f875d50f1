"""The program that runs pylint, through a real process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import gatekeeper
from gatekeeper.gates.review.profile import ALWAYS_OFF, PROFILE_OFF

PROGRAM = str(Path(gatekeeper.__file__).parent / "inside" / "lint.py")
HELPER = "import json\nimport logging\n\nLOG = logging.getLogger(__name__)\n\n\ndef load(text):\n    return json.loads(text)\n"
USER = "import logging\nfrom app.tool import load\n\n\nclass User(logging.Handler):\n    def go(self):\n        return load(1, 2)\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def side(name: str, folder: Path, files: list[str], roots: tuple[str, ...] = ("",)) -> dict[str, Any]:
    places = [str(folder / root) if root else str(folder) for root in roots]
    paths = [f"{folder}/{file}" for file in files]
    return {"name": name, "root": str(folder), "roots": places, "files": paths, "surveyed": paths}


def asked(tmp_path: Path, *sides: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "output": str(tmp_path / "answer.json"),
        "sides": list(sides),
        "tree": sides[0]["root"],
        "packages": ["app"],
        "borrowed_path": [],
        "config_roots": [sides[0]["root"]],
        "always_off": list(ALWAYS_OFF),
        "profile_off": list(PROFILE_OFF),
        "ignore": [],
        **more,
    }


def run(request: dict[str, Any], **environment: str) -> tuple[dict[str, Any], str]:
    done = start(request, environment)
    return json.loads(Path(request["output"]).read_text()), done.stdout


def run_said(request: dict[str, Any], **environment: str) -> tuple[dict[str, Any], str]:
    """The answer, and what was said on standard error."""
    done = start(request, environment)
    return json.loads(Path(request["output"]).read_text()), done.stderr


def start(request: dict[str, Any], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, PROGRAM],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYLINTHOME": str(Path(request["output"]).parent / "pylint"), **environment},
        cwd=request["tree"],
    )
    assert done.returncode == 0, done.stderr
    return done


def symbols(answer: dict[str, Any], name: str = "head") -> list[str]:
    return [row["symbol"] for row in answer["sides"][name]["messages"]]


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    """A head in which `load` takes fewer arguments than in the base."""
    head, base = tmp_path / "head", tmp_path / "base"
    write(head, {"app/__init__.py": "", "app/tool.py": HELPER, "app/user.py": USER})
    write(base, {"app/__init__.py": "", "app/tool.py": HELPER.replace("(text)", "(text, _x)", 1), "app/user.py": USER})
    return head, base


def test_each_side_sees_its_own_tree(tmp_path: Path, trees: tuple[Path, Path]) -> None:
    head, base = trees
    files = ["app/tool.py", "app/user.py"]
    answer, said = run(asked(tmp_path, side("head", head, files), side("base", base, files)))
    assert "too-many-function-args" in symbols(answer)
    assert "too-many-function-args" not in symbols(answer, "base")
    assert answer["sides"]["head"]["looked"] == [0, 1]
    row = next(r for r in answer["sides"]["head"]["messages"] if r["symbol"] == "too-many-function-args")
    assert (row["file"], row["line"], row["obj"], row["type"]) == (1, 7, "User.go", "error")
    assert all(line.startswith("::gatekeeper {") for line in said.splitlines())


def test_forked_and_cold_say_the_same(tmp_path: Path, trees: tuple[Path, Path]) -> None:
    head, base = trees
    files = ["app/tool.py", "app/user.py"]
    request = asked(tmp_path, side("head", head, files), side("base", base, files))
    forked = run(request)[0]["sides"]
    assert json.dumps(run({**request, "fork": False})[0]["sides"]) == json.dumps(forked)


def test_an_init_file_is_not_its_whole_package(tmp_path: Path, trees: tuple[Path, Path]) -> None:
    answer, _ = run(asked(tmp_path, side("head", trees[0], ["app/__init__.py"])))
    assert (symbols(answer), answer["sides"]["head"]["looked"]) == ([], [0])


def test_a_file_name_is_no_option(tmp_path: Path) -> None:
    name = "--init-hook=open('PWNED','w')#.py"
    write(tmp_path / "head", {name: "print(missing)\n"})
    answer, _ = run(asked(tmp_path, side("head", tmp_path / "head", [name])))
    assert symbols(answer) == ["invalid-name", "undefined-variable"]
    assert not list(tmp_path.rglob("PWNED"))


def test_an_editable_install_does_not_lead_into_the_working_tree(tmp_path: Path, trees: tuple[Path, Path]) -> None:
    """The working tree has a module which the tree under judgement does not have any more."""
    work = tmp_path / "work"
    write(work, {".git/HEAD": "", "app/__init__.py": "", "app/gone.py": "X = 1\n", "libs/other.py": "X = 1\n"})
    write(trees[0], {"app/user.py": "from app import gone\nimport other\n\nX = (gone, other)\n", "libs/other.py": ""})
    path = os.pathsep.join((str(work), str(work / "libs")))
    answer, _ = run(asked(tmp_path, side("head", trees[0], ["app/user.py"])), PYTHONPATH=path)
    assert "no-name-in-module" in symbols(answer)
    assert answer["unresolved"] == []  # the sibling folder was found in the tree under judgement


def test_project_modules_are_never_shared(tmp_path: Path) -> None:
    """An installed module that imports the project's package does not bring it, or its absence, into the parent."""
    packages = tmp_path / "site-packages"
    write(packages, {"plugin.py": "import app\nfrom app import *\n\n\nclass P(app.Base):\n    pass\n"})
    files = {"app/__init__.py": "class Base:\n    def go(self):\n        return 1\n"}
    user = "import plugin\n\nprint(plugin.P().go())\nprint(plugin.P().leave())\n"
    for name in ("head", "base"):
        write(tmp_path / name, {**files, "app/user.py": user})
    write(tmp_path / "base", {"app/__init__.py": files["app/__init__.py"].replace("go", "leave")})
    request = asked(
        tmp_path,
        side("head", tmp_path / "head", ["app/user.py"]),
        side("base", tmp_path / "base", ["app/user.py"]),
        borrowed_path=[str(packages)],
    )
    answer, _ = run(request)
    rows = [[(r["symbol"], r["line"]) for r in answer["sides"][n]["messages"]] for n in ("head", "base")]
    assert rows == [[("no-member", 4)], [("no-member", 3)]]


@pytest.mark.parametrize(
    ("name", "text", "is_found"),
    [
        (".pylintrc", "", True),
        ("pyproject.toml", "[tool.pylint.main]\n", True),
        ("pyproject.toml", '[tool."pylint".main]\n', True),
        ("pyproject.toml", "[tool.pylint_other]\n", False),
        ("pyproject.toml", "[tool.black]\n", False),
        ("setup.cfg", "[pylint.main]\n", True),
        ("setup.cfg", "[metadata]\n", False),
        ("tox.ini", "[pylint]\n", True),
    ],
)
def test_the_projects_own_options(tmp_path: Path, name: str, text: str, is_found: bool) -> None:
    head = tmp_path / "head"
    write(head, {name: text, "app.py": '"""Words."""\n'})
    answer, _ = run(asked(tmp_path, side("head", head, ["app.py"])))
    assert answer["configuration"] == (str(head / name) if is_found else "")
    assert answer["formatter"] == ("black" in text)


def test_options_that_are_unknown_are_noted_and_ignored_files_are_told(tmp_path: Path) -> None:
    head = tmp_path / "head"
    write(
        head,
        {".pylintrc": "[MAIN]\nno-such-option=1\nload-plugins=no_such_plugin\nignore=b.py\n", "a.py": "", "b.py": ""},
    )
    answer, _ = run(asked(tmp_path, side("head", head, ["a.py", "b.py"])))
    assert answer["sides"]["head"]["looked"] == [0]
    assert len(answer["sides"]["head"]["notes"]) == 2
    assert answer["sides"]["head"]["problem"] == ""


@pytest.mark.parametrize(
    ("built", "expected"),
    [
        ("_speed.c", []),
        ("_speed.pyi", []),
        ("_speed.cpython-399-other.so", []),
        ("_speedy.c", ["import-error", "no-name-in-module", "no-name-in-module"]),
    ],
)
def test_a_module_that_a_build_makes_is_no_wrong_import(tmp_path: Path, built: str, expected: list[str]) -> None:
    text = "from app import _speed\nimport app._speed as new\nX = (_speed, new)\n"
    write(tmp_path / "head", {"app/__init__.py": "", f"app/{built}": "", "app/user.py": text})
    answer, _ = run(asked(tmp_path, side("head", tmp_path / "head", ["app/user.py"])))
    assert sorted(s for s in symbols(answer) if s in ("import-error", "no-name-in-module")) == expected
    assert any("compiled module app._speed" in note for note in answer["sides"]["head"]["notes"]) != bool(expected)


def test_imports_that_do_not_resolve(tmp_path: Path) -> None:
    text = (
        "import os\nimport pytest\nimport nowhere.deep\nimport lain\nfrom . import x\n"
        "try:\n    import perhaps\nexcept ImportError:\n    perhaps = None\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import _typeshed\n"
        "import sys\nif sys.version_info > (3, 99):\n    X = 1\nelse:\n    import backport\n"
        "def later():\n    import extra\n    return extra\n"
    )
    write(tmp_path / "head", {"app/__init__.py": "", "app/user.py": text, "tests/data/lain/x.py": ""})
    answer, _ = run(asked(tmp_path, side("head", tmp_path / "head", ["app/user.py"])))
    assert (answer["third_party"], answer["unresolved"]) == (["nowhere", "pytest"], ["nowhere"])


def test_no_file_of_the_user_is_written(tmp_path: Path, trees: tuple[Path, Path]) -> None:
    before = sorted(trees[0].rglob("*"))
    home = tmp_path / "home"
    home.mkdir()
    run(asked(tmp_path, side("head", trees[0], ["app/user.py"])), HOME=str(home))
    assert sorted(trees[0].rglob("*")) == before
    assert list(home.rglob("*")) == []


def test_a_package_outside_of_the_roots_finds_itself(tmp_path: Path) -> None:
    files = {"src/app/__init__.py": "", "examples/shop/__init__.py": "", "examples/shop/views.py": "X = 1\n"}
    write(tmp_path, {**files, "examples/shop/use.py": "from shop import views\n\nprint(views.X)\n"})
    answer, _ = run(asked(tmp_path, side("head", tmp_path, ["examples/shop/use.py"], ("src",))))
    assert "import-error" not in symbols(answer)
