"""`gatekeeper config` in real repositories."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import yaml

from gatekeeper.schemas import schema_text


def gatekeeper(folder, *arguments, **variables):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GATEKEEPER_"))}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **variables}
    return subprocess.run(
        [sys.executable, "-m", "gatekeeper", "config", *arguments],
        check=False,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def repository(tmp_path):
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def test_without_a_file_the_defaults_are_shown(repository):
    done = gatekeeper(repository)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# built-in defaults\n")
    assert yaml.safe_load(done.stdout)["gates"]["coverage"]["minimum"] == 85


def test_origins_of_tracked_and_untracked_files_and_the_environment(repository):
    (repository / ".gitignore").write_text("node_modules\n")
    (repository / ".gatekeeper.yml").write_text("jobs: 2\nprojects: [pk/*]\n")
    for folder in ("pk/a", "pk/b", "node_modules/x"):
        (repository / folder).mkdir(parents=True)
    (repository / "pk/a/pyproject.toml").write_text("[tool.gatekeeper]\ngates.docs = false\n")
    (repository / "pk/b/x.py").write_text("")
    (repository / "node_modules/x/.gatekeeper.yml").write_text("nonsense\n")
    (repository / "link").symlink_to("pk")
    done = gatekeeper(repository, "--show-origin", GATEKEEPER_JOBS="3")
    assert done.stderr == ""
    root, a, b = done.stdout.split("---\n")
    assert root.startswith("# .gatekeeper.yml and 1 more in the working tree\n")
    assert "jobs: 3  # environment GATEKEEPER_JOBS\n" in root
    assert a.startswith("# the project in pk/a\n")
    assert "    enabled: false  # pk/a/pyproject.toml:2\n" in a
    assert b.startswith("# the project in pk/b\n")
    document = json.loads(gatekeeper(repository, "--json").stdout)
    assert [project["root"] for project in document["projects"]] == ["", "pk/a", "pk/b"]
    assert document["projects"][0]["settings"]["jobs"] == {"value": 2, "origin": ".gatekeeper.yml:1"}


def test_mistakes_give_exit_code_2(repository):
    (repository / ".gatekeeper.yml").write_text("gates:\n  review: {minimun: 7}\njobs: x\n")
    for arguments in ((), ("--check",), ("--json",)):
        done = gatekeeper(repository, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines() == [
            "gatekeeper: the configuration in the working tree has 2 mistakes",
            ".gatekeeper.yml:2: unknown key `gates.review.minimun`; did you mean `minimum`?",
            '.gatekeeper.yml:3: `jobs` must be a whole number from 1 to 1024, not the text "x"',
            "  docs/configuration.md and `gatekeeper config --schema` describe every key",
        ]


def test_check_says_that_all_is_well(repository):
    (repository / ".gatekeeper.yml").write_text("projects: [none/*]\n")
    done = gatekeeper(repository, "--check")
    assert done.returncode == 0
    assert done.stdout == (
        "the configuration is valid: .gatekeeper.yml in the working tree\n"
        "note: `projects`: no folder matches `none/*`\n"
    )


def test_a_deleted_file_is_gone_and_a_linked_one_is_refused(repository):
    (repository / ".gatekeeper.yml").write_text("jobs: 2\n")
    subprocess.run(["git", "-C", repository, "add", "."], check=True)
    (repository / ".gatekeeper.yml").unlink()
    assert gatekeeper(repository, "--check").stdout == "the configuration is valid: built-in defaults\n"
    (repository / ".gatekeeper.yml").symlink_to("/etc/passwd")
    done = gatekeeper(repository, "--check")
    assert done.returncode == 2
    assert ".gatekeeper.yml: this file cannot be read; it must be a regular file" in done.stderr


def test_the_schema_is_printed_anywhere(tmp_path):
    done = gatekeeper(tmp_path, "--schema")
    assert (done.returncode, done.stdout) == (0, schema_text("config"))


def test_another_folder_can_be_named(repository, tmp_path_factory):
    (repository / "sub").mkdir()
    (repository / ".gatekeeper.yml").write_text("jobs: 2\n")
    done = gatekeeper(tmp_path_factory.mktemp("elsewhere"), "-C", str(repository / "sub"), "--check")
    assert done.stdout == "the configuration is valid: .gatekeeper.yml in the working tree\n"
