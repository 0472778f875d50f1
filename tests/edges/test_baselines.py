"""The base without the files of a lane: exact, the same each time, and nothing but objects."""

from __future__ import annotations

import os

import pytest

from gatekeeper.edges.baselines import base_without
from tests.repository import GitRepository

ODD = os.fsdecode(b"src/caf\xe9 \n.txt")


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_the_files_of_the_lane_are_gone_and_what_configures_stays(repository: GitRepository, form: str) -> None:
    repository = GitRepository.create(repository.path.parent / form, f"--object-format={form}")
    kept = {".gatekeeper.yml": "gates: {}\n", "src/pyproject.toml": "", ".gatekeeper/modes/M.md": "x\n", "b": "1\n"}
    base = repository.commit({**kept, "src/a.py": "a = 1\n", ODD: "x\n"})
    before = repository.state()
    made = base_without(repository.edge, base, ("src/**", ".gatekeeper.yml", ".gatekeeper/**"))
    assert set(made.files) == {"src/a.py", ODD}
    assert set(repository.edge.names(made.commit)) == set(kept)
    assert repository.git("log", "--format=%P", "-1", made.commit) == base
    assert base_without(repository.edge, base, ("src/**",)).commit == made.commit
    assert repository.state() == before


def test_without_a_file_in_the_lane_it_is_the_base(repository: GitRepository) -> None:
    base = repository.commit({"a": "1\n"})
    assert base_without(repository.edge, base, ("b", "c/**")).commit == base
    assert base_without(repository.edge, base, ()).files == ()
