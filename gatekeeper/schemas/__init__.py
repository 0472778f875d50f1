"""The published JSON Schemas, read from the files that lie beside this module."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any


def schema_text(name: str) -> str:
    """The schema of this name ("config" for `config.schema.json`) as it is published."""
    return (Path(__file__).parent / f"{name}.schema.json").read_text(encoding="utf-8")


@cache
def read_schema(name: str) -> dict[str, Any]:
    """The schema of this name as data; shared, so nobody may change it."""
    schema: dict[str, Any] = json.loads(schema_text(name))
    return schema
