"""A small TypeScript project, gated with eslint, jest and tsc through the real command line."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.npm import installed
from tests.repository import GitRepository

pytestmark = pytest.mark.long
PROJECT = Path(__file__).parent / "project"
RENAMED = {"gatekeeper.yml": ".gatekeeper.yml", "gitignore": ".gitignore"}
GUIDE = Path(__file__).parents[3] / "docs" / "gates" / "command.md"

SHIPPING = """
export function shipping(total: number): number {
  return total > 100 ? 0 : 5;
}
"""
TESTED = """
import { shipping } from "./price";

it("sends large orders for nothing", () => {
  expect([shipping(101), shipping(100)]).toEqual([0, 5]);
});
"""
FEE = """
export function fee(total: any): number {
  var base: string = 5;
  if (total > 100) {
    return 0;
  }
  return base;
}
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed packages of the project; skips where they cannot be had."""
    folder = tmp_path_factory.mktemp("packages")
    shutil.copy(PROJECT / "package.json", folder)
    return installed(folder)


@pytest.fixture
def shop(repository: GitRepository, packages: Path) -> GitRepository:
    """The project with one commit and its packages."""
    shutil.copytree(packages, repository.path / "node_modules", symlinks=True, copy_function=os.link)
    files = [file for file in PROJECT.rglob("*") if file.is_file()]
    names = {file: str(file.relative_to(PROJECT)) for file in files}
    repository.commit({RENAMED.get(name, name): file.read_bytes() for file, name in names.items()})
    assert not repository.git("status", "--porcelain")
    return repository


def test_a_good_change_passes(shop: GitRepository) -> None:
    price = (shop.path / "src" / "price.ts").read_text()
    shop.stage({"src/price.ts": price + SHIPPING, "src/shipping.test.ts": TESTED})
    run = shop.gatekeeper()
    assert run.exit == 0, run.stdout
    assert {verdict["gate"]: verdict["status"] for verdict in run.report["verdicts"]} == {
        "review": "passed", "coverage": "passed", "tests": "passed", "types": "passed",
    }  # fmt: skip
    assert run.verdict("coverage")["measured"] == 100


def test_a_bad_change_is_blocked_by_every_gate(shop: GitRepository) -> None:
    price = (shop.path / "src" / "price.ts").read_text().replace("percent) / 100", "percent) / 10")
    shop.stage({"src/price.ts": price + FEE})
    run = shop.gatekeeper()
    assert run.exit == 1, run.stdout
    assert {verdict["gate"]: verdict["status"] for verdict in run.report["verdicts"]} == {
        "review": "failed", "coverage": "failed", "tests": "failed", "types": "failed",
    }  # fmt: skip
    assert {finding["rule"] for finding in run.verdict("review")["findings"]} >= {
        "no-var", "@typescript-eslint/no-explicit-any",
    }  # fmt: skip
    assert "TS2322" in run.verdict("types")["findings"][0]["detail"]


def test_what_cannot_be_checked_is_no_pass(shop: GitRepository) -> None:
    shop.stage({"src/price.ts": "export const half = ;\n"})
    run = shop.gatekeeper("--gate", "review")
    assert run.exit == 3, run.stdout
    assert run.verdict("review")["status"] == "error"
    assert "Expression expected" in run.verdict("review")["summary"]


def test_the_guide_shows_the_files_that_is_tested_here() -> None:
    guide = GUIDE.read_text()
    assert (PROJECT / "gatekeeper.yml").read_text() in guide
    assert (PROJECT / "jest.config.cjs").read_text() in guide
