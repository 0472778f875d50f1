"""The inspection as a program of its own, and what it does with odd trees."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import griffe
import pytest

from gatekeeper.gates.docs import GATE
from gatekeeper.inspectors.module_tree import ModuleTree
from gatekeeper.model.verdict import Status
from tests.inspectors.looking import Case, judged, judged_apart, rules

BASE = {"pkg/__init__.py": '"""A package."""\n'}
NEW = {**BASE, "pkg/a.py": '"""A."""\n\n\ndef f(x):\n    return x\n'}


def test_the_program_blocks_a_gap_and_passes_its_twin(tmp_path: Path) -> None:
    for name in ("gap", "twin"):
        (tmp_path / name).mkdir()
    gap = judged_apart(Case(BASE, NEW), tmp_path / "gap")
    assert (gap.status, rules(gap)) == (Status.FAILED, ["D1"])
    twin = {**NEW, "pkg/a.py": NEW["pkg/a.py"].replace("return x", '"""F."""')}
    assert judged_apart(Case(BASE, twin), tmp_path / "twin").status is Status.PASSED


def test_nothing_of_the_project_is_run_or_shadows_the_program(tmp_path: Path) -> None:
    trap = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\nraise SystemExit(7)\n"
    hostile = dict.fromkeys(("ast.py", "griffe.py", "json.py", "gatekeeper/__init__.py", "pkg/b.py"), trap)
    case = Case(BASE, {**NEW, **hostile}, packages=("pkg", "ast", "griffe", "json", "gatekeeper"))
    verdict = judged_apart(case, tmp_path)
    assert verdict.status is Status.FAILED
    assert not list(tmp_path.rglob("ran"))


def test_a_crash_is_no_pass(tmp_path: Path) -> None:
    request = Case(BASE, NEW).request(tmp_path)
    (job,) = GATE.plan(request, {})
    done = subprocess.run(job.argv, input="{}", capture_output=True, text=True, check=False)
    assert done.returncode not in job.looked


@pytest.mark.parametrize(("body", "reads_all"), [("return x + 1", False), ("return x\n\n\ndef g(): ...", True)])
def test_what_reads_whole_interfaces_is_imported_where_the_change_alters_one(
    tmp_path: Path, body: str, reads_all: bool
) -> None:
    head = {**NEW, "pkg/a.py": NEW["pkg/a.py"].replace("return x", body)}
    (job,) = GATE.plan(Case(NEW, head).request(tmp_path), {})
    argv = (job.argv[0], "-X", "importtime", *job.argv[1:])
    done = subprocess.run(argv, input=job.stdin, capture_output=True, text=True, check=True)
    assert ("griffe" in done.stderr) is reads_all


def test_a_package_that_cannot_be_followed_is_compared_by_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise griffe.GriffeError

    monkeypatch.setattr(ModuleTree, "load", broken)
    base = {**NEW, "CHANGES": "", "pkg/b.py": '"""B."""\n\n\ndef g():\n    """G."""\n'}
    head = {**base, "pkg/a.py": '"""A."""\n\n\ndef f(x, y):\n    return x\n', "pkg/b.py": '"""B."""\n'}
    verdict = judged(Case(base, head), tmp_path)
    assert rules(verdict) == ["D1", "D3", "D3"]
    assert any("names alone" in note for note in verdict.notes)


def test_a_whole_project_is_checked_without_its_past(tmp_path: Path) -> None:
    tree = {
        **NEW,
        "pkg/b.py": '"""B."""\n\n\ndef _g():\n    pass\n',
        "docs/a.md": "```python\nimport pkg.nothing\n```\n",
    }
    verdict = judged(Case({}, tree, whole=True), tmp_path)
    assert rules(verdict) == ["D1", "D5"]


def test_a_whole_project_needs_no_change(tmp_path: Path) -> None:
    verdict = judged(Case(NEW, NEW, whole=True), tmp_path)
    assert rules(verdict) == ["D1"]


def test_the_scope_all_asks_of_private_modules_too(tmp_path: Path) -> None:
    head = {**BASE, "pkg/_a.py": NEW["pkg/a.py"], "run.py": NEW["pkg/a.py"]}
    for name in ("public", "all"):
        (tmp_path / name).mkdir()
    assert rules(judged(Case(BASE, head), tmp_path / "public")) == []
    verdict = judged(Case(BASE, head, {"scope": "all"}), tmp_path / "all")
    assert [finding.path for finding in verdict.findings if finding.blocks] == ["pkg/_a.py", "run.py"]


def test_a_project_in_a_folder(tmp_path: Path) -> None:
    base = {f"app/{path}": text for path, text in BASE.items()}
    head = {f"app/{path}": text for path, text in NEW.items()} | {"app/tests/helper.py": "def f(): pass\n"}
    verdict = judged(Case(base, head, packages=("pkg", "tests"), root="app"), tmp_path)
    assert [finding.path for finding in verdict.findings if finding.blocks] == ["app/pkg/a.py"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.md").write_text("```python\ndef f(\n```\n", encoding="utf-8")
    case = Case(BASE, {**BASE, "docs/b.md": "```python\nx\n```\n"})
    request = case.request(tmp_path)
    (tmp_path / "head" / "docs" / "b.md").unlink()
    (tmp_path / "head" / "docs" / "b.md").symlink_to(tmp_path / "secret" / "a.md")
    (tmp_path / "head" / "pkg" / "loop").symlink_to(tmp_path / "head" / "pkg", target_is_directory=True)
    (job,) = GATE.plan(request, {})
    done = subprocess.run(job.argv, cwd=job.cwd, input=job.stdin, capture_output=True, text=True, check=True)
    assert '"samples": []' in done.stdout


@pytest.mark.skipif(sys.platform == "darwin", reason="the file system takes UTF-8 names only")
def test_hostile_names(tmp_path: Path) -> None:
    head = {**NEW, "docs/-a\n\udce9.md": "```python\ndef f(\n```\n", "pkg/-\udce9.py": "def (\n", "-x.py": "1 +\n"}
    verdict = judged_apart(Case(BASE, head), tmp_path)
    assert rules(verdict) == ["D1", "D5"]
    assert {finding.path for finding in verdict.findings if finding.blocks} == {"pkg/a.py", "docs/-a\n\udce9.md"}


def test_no_changelog_line_is_asked_of_what_a_broken_file_hides(tmp_path: Path) -> None:
    verdict = judged(Case(NEW, {**NEW, "pkg/a.py": "def f(:\n"}), tmp_path)
    assert rules(verdict) == ["D1"]
    assert "does not parse" in verdict.findings[0].message


def test_a_file_that_never_parsed_is_a_warning(tmp_path: Path) -> None:
    base = {**BASE, "pkg/a.py": "{{ template }} :"}
    verdict = judged(Case(base, {**base, "pkg/a.py": "{{ other }} :"}), tmp_path)
    assert verdict.status is Status.PASSED


def test_what_two_packages_hand_on_to_each_other(tmp_path: Path) -> None:
    base = {
        "CHANGES": "",
        "inner/__init__.py": "",
        "inner/_make.py": "def f():\n    '''F.'''\n",
        "pkg/__init__.py": "from inner._make import f\n__all__ = ['f']\n",
    }
    head = {**base, "inner/_make.py": "def f(x):\n    return x\n"}
    verdict = judged(Case(base, head, packages=("inner", "pkg")), tmp_path)
    assert rules(verdict) == ["D1", "D3"]
    assert any("pkg.f" in finding.message for finding in verdict.findings)


@pytest.mark.parametrize(
    ("settings", "extra"),
    [
        ({"changelog": "misc"}, {}),
        ({}, {"pyproject.toml": "[tool.towncrier]\ndirectory = 'misc'\n"}),
        ({}, {"towncrier.toml": "[tool.towncrier]\ndirectory = 'misc'\n"}),
    ],
)
def test_an_own_folder_of_news(settings: dict[str, str], extra: dict[str, str], tmp_path: Path) -> None:
    base = {**BASE, "pkg/a.py": NEW["pkg/a.py"], **extra}
    head = {**base, "pkg/a.py": '"""A."""\n', "misc/12.removal": "gone"}
    for name in ("told", "untold"):
        (tmp_path / name).mkdir()
    assert rules(judged(Case(base, head, settings), tmp_path / "told")) == []
    del head["misc/12.removal"]
    assert rules(judged(Case(base, head, settings), tmp_path / "untold")) == ["D3"]
