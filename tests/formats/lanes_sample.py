"""An orchestration of eight lanes: one fails once, one is silent, what the gates block is mended once."""

from __future__ import annotations

from gatekeeper.formats.lanes_board import LanesBoard
from gatekeeper.model.orchestration_events import (
    Beat,
    Began,
    Ended,
    Integrated,
    IterationBegan,
    Judged,
    Lane,
    LaneAdded,
    LaneEnded,
    LaneIdle,
    LaneSaid,
    LaneStarted,
    OrchestrationEvent,
)

RUN = "20261122-193012-ab12"
_WORK = ("primary-1", "primary-2", "primary-3")
LANES = (
    Lane("primary-1", "Implement app/pagination.py", "primary", "work", "codex", 300),
    Lane("primary-2", "Implement app/users.py", "primary", "work", "claude", 200, ("primary-1",)),
    Lane("primary-3", "Implement app/admin.py", "primary", "work", "mini", 240),
    Lane("prepare-review", "Measure the review of the base", "review", "prepare", "code-reviewer", 60),
    Lane("prepare-tests", "Measure the tests of the base", "tests", "prepare", "test-automator", 120),
    Lane("judge-review", "Review the change", "review", "judge", "code-reviewer", 60, _WORK),
    Lane("judge-tests", "Test the change", "tests", "judge", "test-automator", 60, _WORK),
    Lane("validation", "Judge the whole", "validation", "judge", "gatekeeper", 60, ("judge-review", "judge-tests")),
)
BEGAN = Began(RUN, "Add pagination to the users API", "1a2b3c4d5e6f" + "0" * 28, "2026-11-22T19:30:12+00:00", 8, LANES)
HEAD, MENDED = "9f8e7d6c5b4a" + "0" * 28, "aaaabbbbcccc" + "0" * 28
ENDED = Ended(290.3, "approved", MENDED, f"gatekeeper/{RUN}", "", (), f"git merge --ff-only gatekeeper/{RUN}")
EVENTS: tuple[OrchestrationEvent, ...] = (
    BEGAN,
    LaneStarted(0.1, "primary-1", "codex", 1),
    LaneStarted(0.2, "primary-3", "mini", 1),
    LaneStarted(0.3, "prepare-review", "code-reviewer", 1),
    LaneStarted(0.4, "prepare-tests", "test-automator", 1),
    LaneSaid(3, "primary-1", "reading app/users.py", 1200, 0.01),
    LaneSaid(4, "primary-3", "planning the work", 900),
    LaneSaid(8, "prepare-tests", "tests 120/412"),
    Beat(10),
    LaneEnded(20, "prepare-review", "passed", "review 8.20/10"),
    LaneSaid(33, "primary-1", "editing app/pagination.py", 41_200, 0.31),
    LaneEnded(44, "prepare-tests", "passed", "412 passed"),
    LaneIdle(94, "primary-3", 90, 300),
    LaneEnded(110, "primary-1", "landed", "", 3, 40, 2),
    LaneStarted(110.5, "primary-2", "claude", 1),
    LaneSaid(114, "primary-2", "editing app/users.py", 22_000, 0.11),
    LaneEnded(130, "primary-3", "failed", "nothing was changed; it is tried again"),
    LaneStarted(130.1, "primary-3", "mini", 2),
    LaneSaid(140, "primary-3", "writing app/admin.py", 7000),
    LaneEnded(180, "primary-3", "landed", "", 1, 12, 0),
    LaneEnded(190, "primary-2", "landed", "", 2, 31, 7),
    Integrated(190.4, HEAD, _WORK, (), 0.21),
    LaneStarted(190.5, "judge-review", "code-reviewer", 1),
    LaneStarted(190.5, "judge-tests", "test-automator", 1),
    LaneStarted(190.5, "validation", "gatekeeper", 1),
    LaneSaid(195, "judge-tests", "tests 312/412, 1 failed"),
    LaneEnded(215, "judge-review", "passed", "review: passed"),
    LaneEnded(222, "judge-tests", "blocked", "tests: failed"),
    LaneEnded(222, "validation", "blocked", "tests: failed"),
    Judged(222.1, "", HEAD, "blocked", ("review: passed, 9.40/10", "tests: failed, 2 failed, 412 passed"), 2, 31.6),
    IterationBegan(222.2, 1, 3, 2),
    LaneAdded(222.3, Lane("mend-1-tests", "Mend 2 findings of tests", "tests", "work", "codex", 60)),
    LaneStarted(222.4, "mend-1-tests", "codex", 1),
    LaneSaid(230, "mend-1-tests", "editing tests/test_users.py", 8000, 0.06),
    LaneEnded(260, "mend-1-tests", "landed", "", 1, 3, 3),
    Integrated(260.4, MENDED, ("mend-1-tests",), (), 0.04),
    LaneStarted(260.5, "validation", "gatekeeper", 1),
    LaneEnded(290, "judge-tests", "passed", "tests: passed"),
    LaneEnded(290, "validation", "passed", "review: passed; tests: passed"),
    Judged(290.1, "", MENDED, "passed", ("review: passed, 9.40/10", "tests: passed, 414 passed"), 0, 29.5),
    ENDED,
)


def until(at: float) -> list[OrchestrationEvent]:
    """The events up to a time."""
    return [event for event in EVENTS if isinstance(event, Began) or event.at <= at]


def board(at: float) -> LanesBoard:
    """The board as it is at a time."""
    made = LanesBoard()
    for event in until(at):
        made.take(event)
    return made
