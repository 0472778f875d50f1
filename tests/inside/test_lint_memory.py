"""What is remembered of pylint is given again only where a fresh look would say the same; through real processes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.inside.lint_names import steady_names
from tests.inside.test_lint import PROGRAM, asked, run, side, write

PROJECT = {
    "app/__init__.py": "",
    "app/user.py": "from app import middle\n\n\ndef go():\n    return middle.load(1)\n",
    "app/middle.py": "from app.deep import load\n\n__all__ = ['load']\n",
    "app/deep.py": "def load(text):\n    return text\n",
    "app/aside.py": "VALUE = 1\n",
    "app/lonely.py": "import gone_from_here\nimport app.gone\n\nprint(gone_from_here, app.gone)\n",
    "pyproject.toml": "[project]\n",
}
FILES = ["app/user.py", "app/lonely.py"]


class Shop:
    """Looks again and again at trees, and keeps between the looks what the program leaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[dict[str, Any]] = []

    def look(self, tree: Path, **more: Any) -> dict[str, Any]:
        """The answer for the head side: remembered where that holds."""
        known, made = self.folder / "known", self.folder / "made"
        known.write_text(json.dumps(self.kept))
        made.unlink(missing_ok=True)
        one = side("head", tree, FILES)
        one.update(tree=str(tree), tree_id=f"tree {tree.name}", known=str(known), made=str(made))
        answer: dict[str, Any] = run(asked(self.folder, one, **more))[0]["sides"]["head"]
        left = json.loads(made.read_text()) if made.exists() else {}
        if "answer" in left:
            self.kept.append(left)
        return answer

    def fresh(self, tree: Path, **more: Any) -> dict[str, Any]:
        """The answer without any memory."""
        answer: dict[str, Any] = run(asked(self.folder, side("head", tree, FILES), **more))[0]["sides"]["head"]
        return answer


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    (tmp_path / "shop").mkdir()
    return Shop(tmp_path / "shop")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "first" / "project"
    write(folder, PROJECT)
    return folder


def add(name: str, text: str) -> Callable[[Path], object]:
    return lambda tree: write(tree, {name: text})


def test_the_same_tree_elsewhere_is_answered_from_memory(shop: Shop, tree: Path, tmp_path: Path) -> None:
    first = shop.look(tree)
    assert "reused" not in first
    assert first == shop.fresh(tree)
    other = tmp_path / "second" / "project"
    shutil.copytree(tree, other, ignore=shutil.ignore_patterns("__pycache__"))
    (other / ".git").mkdir()
    (other / "README.md").write_text("is no source")
    second = shop.look(other)
    assert second.pop("reused") == "tree project"
    assert second == first
    assert len(shop.kept) == 1


def test_it_can_be_seen_what_was_read(shop: Shop, tree: Path) -> None:
    shop.look(tree)
    read = {path for path in shop.kept[0]["files"] if path.startswith("<tree>")}
    assert {"<tree>/app/user.py", "<tree>/app/middle.py", "<tree>/app/deep.py", "<tree>/app/lonely.py"} <= read
    assert "<tree>/app/aside.py" not in read


def test_a_file_that_is_not_read_may_change(shop: Shop, tree: Path) -> None:
    shop.look(tree)
    write(tree, {"app/aside.py": "VALUE = 2\n"})
    assert shop.look(tree).pop("reused")


@pytest.mark.parametrize(
    "change",
    [
        add("app/user.py", PROJECT["app/user.py"].replace("1", "1, 2")),
        add("app/deep.py", "def load(text, more):\n    return text, more\n"),
        add("app/gone.py", ""),
        add("gone_from_here.py", ""),
        add("gone_from_here/inner.txt", ""),
        add("app/gone/inner.txt", ""),
        add("app/gone/__init__.py", ""),
        add("app/deep/__init__.py", ""),
        add("app/user/x.py", ""),
        add("app/gone.cpython-311-x86_64-linux-gnu.so", ""),
        add("gone_from_here.pyi", ""),
        add("pyproject.toml", "[tool.pylint.main]\ndisable = ['import-error']\n"),
        add(".pylintrc", "[MAIN]\ndisable=import-error\n"),
        lambda tree: (tree / "app" / "deep.py").unlink(),
        lambda tree: (tree / "app" / "aside.py").rename(tree / "app" / "gone.py"),
    ],
)
def test_what_it_hangs_on_makes_it_look_again(shop: Shop, tree: Path, change: Callable[[Path], object]) -> None:
    shop.look(tree)
    change(tree)
    again = shop.look(tree)
    assert "reused" not in again
    assert again == shop.fresh(tree)
    assert shop.look(tree).pop("reused")


def test_what_is_installed_counts(shop: Shop, tree: Path, tmp_path: Path) -> None:
    installed = tmp_path / "site-packages"
    installed.mkdir()
    path = [str(installed)]
    shop.look(tree, borrowed_path=path)
    assert shop.look(tree, borrowed_path=path).pop("reused")
    write(installed, {"gone_from_here/__init__.py": "", "gone_from_here-1.dist-info/METADATA": ""})
    again = shop.look(tree, borrowed_path=path)
    assert "reused" not in again
    assert again == shop.fresh(tree, borrowed_path=path)
    write(installed, {"gone_from_here/__init__.py": "print = None\n"})
    assert "reused" not in shop.look(tree, borrowed_path=path)


@pytest.mark.parametrize("option", ["load-plugins=pylint.extensions.mccabe", "init-hook=pass", "spelling-dict=en"])
def test_options_that_bring_in_unseen_things_are_not_remembered(shop: Shop, tree: Path, option: str) -> None:
    write(tree, {".pylintrc": f"[MAIN]\n{option}\n"})
    shop.look(tree)
    assert shop.kept == []


def test_paths_that_the_options_ignore_hold_in_their_own_folder_alone(shop: Shop, tree: Path, tmp_path: Path) -> None:
    write(tree, {".pylintrc": "[MAIN]\nignore-paths=.*/first/.*\n"})
    shop.look(tree)
    assert shop.look(tree)["reused"]
    other = tmp_path / "second" / "project"
    shutil.copytree(tree, other)
    again = shop.look(other)
    assert "reused" not in again
    assert again["looked"] == [0, 1]


@pytest.mark.parametrize(("name", "kept"), [("gone_from_here", 0), ("unheard_of", 1)])
def test_a_link_out_of_the_tree_that_an_import_could_follow_is_not_remembered(
    shop: Shop, tree: Path, tmp_path: Path, name: str, kept: int
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tree / name).symlink_to(tmp_path / "elsewhere")
    shop.look(tree)
    assert len(shop.kept) == kept


def test_names_that_nobody_asked_for_may_come_and_go(shop: Shop, tree: Path) -> None:
    shop.look(tree)
    write(tree, {"unheard_of.py": "", "app/unheard_of.py": "", "build/lib/app/gone.py": "", ".tox/app/gone.py": ""})
    assert shop.look(tree).pop("reused")


@pytest.mark.parametrize("content", ["", "[", "{}", "[1, null]", '[{"ground": 1}]', "null"])
def test_what_is_no_memory_is_no_answer(shop: Shop, tree: Path, content: str) -> None:
    one = side("head", tree, FILES)
    (shop.folder / "known").write_text(content)
    one.update(tree=str(tree), tree_id="x", known=str(shop.folder / "known"), made=str(shop.folder / "made"))
    answer = run(asked(shop.folder, one))[0]["sides"]["head"]
    assert answer == shop.fresh(tree)


def test_without_forks_too(shop: Shop, tree: Path) -> None:
    first = shop.look(tree, fork=False)
    assert shop.look(tree).pop("reused")
    assert first == shop.fresh(tree)


@pytest.mark.parametrize(("changes", "kept"), [(False, True), (True, False)])
def test_a_name_that_comes_while_pylint_looks_makes_the_answer_unfit(
    shop: Shop, tree: Path, changes: bool, kept: bool
) -> None:
    one = side("head", tree, FILES)
    one.update(tree=str(tree), tree_id="x", known=str(shop.folder / "known"), made=str(shop.folder / "made"))
    one.update(ground={}, before=steady_names(one))
    if changes:
        write(tree, {"late.py": ""})
    request = json.dumps(asked(shop.folder, one))
    subprocess.run([sys.executable, PROGRAM, "head"], input=request, text=True, check=True)
    assert (shop.folder / "made").exists() is kept
