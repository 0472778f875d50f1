"""The triggers by which a mode becomes active on its own, and what measuring one of them gave."""

from __future__ import annotations

from enum import StrEnum

from gatekeeper.model.frozen import dataclass


class Trigger(StrEnum):
    """What a mode file may name under `auto_activate_triggers`; each of them is measured on the change."""

    MULTI_FILE_OPERATIONS = "multi_file_operations"
    CODE_GENERATION = "code_generation"
    FEATURE_REQUEST = "feature_request"
    BUG_FIX = "bug_fix"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What measuring a trigger on a change gave; `evidence` is such as "multi_file_operations: 7 files > 3"."""

    trigger: Trigger
    fired: bool
    evidence: str
