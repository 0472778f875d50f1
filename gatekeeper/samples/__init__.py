"""The sample projects of `gatekeeper demo`, read from the files that lie beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    """A project as texts by path, and what its scripted agent does in it, as it stands in the agent's script."""

    files: dict[str, str]
    script: str


def sample(name: str) -> Sample:
    """The sample of this name: the folder `NAME.yml` is read from holds one file for each."""
    import yaml  # noqa: PLC0415 - slow to import, and few commands have samples

    data = yaml.safe_load((Path(__file__).parent / f"{name}.yml").read_bytes())
    return Sample(dict(data["files"]), yaml.safe_dump(data["script"], sort_keys=False, allow_unicode=True))
