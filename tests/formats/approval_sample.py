"""The end of the sample orchestration: approved, needing a person, and full of hostile text."""

from __future__ import annotations

from dataclasses import replace

from gatekeeper.model.account import Account, Alarm, Efficiency, Fault
from gatekeeper.model.finding import Severity
from gatekeeper.model.gate_log import Approval, LaneLog, PillarLog
from gatekeeper.model.orchestration import Ending, State
from gatekeeper.model.plan import Pillar
from gatekeeper.model.verdict import Status
from tests.formats.lanes_sample import BEGAN, ENDED, MENDED, RUN

HOSTILE = "\x1b[2J| a\nb `c` </details><!-- x --> @mallory #1 \u202e [l](http://e.vil) \udcff ::error::x"
ACCOUNT = Account(
    Efficiency(8, 290.0, 600.0, 250.0, 2.07, 2.4, 0.3, 0.74, 0.8, 12.0, 0.005, 0.95, 0.18, 300.0, 4),
    (Alarm(Fault.SERIAL, "primary-2 waited 12 s while an agent was idle", "give it an agent"),),
    0.996,
    ("app/admin.py: docs",),
)
APPROVED = Approval(
    run=RUN,
    title="Add pagination to the users API",
    base=BEGAN.base,
    ending=Ending.APPROVED,
    lanes=(
        LaneLog("primary-1", "Implement app/pagination.py", "codex", State.LANDED, 1, 110.0, 3, 40, 2, 41_200, 0.31),
        LaneLog("primary-3", "Implement app/admin.py", "mini", State.LANDED, 2, 180.0, 1, 12, 0, 7900, 0.0,
                "left outside its lane: notes.txt"),
        LaneLog("validation", "Judge the whole", "gatekeeper", State.PASSED, 2, 61.0),
    ),
    pillars=(
        PillarLog(Pillar.REVIEW, Status.PASSED, ("review",), 62.0, 2, ("app/a.py", "app/b.py"),
                  ((Severity.LOW, 2),), found=5, summary="9.40/10 of 8.50/10"),
        PillarLog(Pillar.TESTS, Status.PASSED, ("coverage", "tests"), 88.0, 2, ("app/a.py",), tests_run=414,
                  summary="414 passed; coverage 93.1 %"),
        PillarLog(Pillar.DOCS, Status.PASSED, ("docs",), 3.0, 1, ("docs/users.md",), documents=("docs/users.md",)),
    ),
    seconds=290.3,
    iterations=1,
    integration=0.25,
    account=ACCOUNT,
    commit=MENDED,
    branch=ENDED.branch,
    hint=ENDED.hint,
)  # fmt: skip
NEEDS_YOU = replace(
    APPROVED,
    ending=Ending.NEEDS_YOU,
    iterations=3,
    remaining=("tests: test_page fails in tests/test_users.py:12", "review: 8.10/10 of 8.50/10"),
    hint=f"gatekeeper orchestrate --resume {RUN}",
)
FOREIGN = Approval(
    run=HOSTILE,
    title=HOSTILE,
    base=HOSTILE,
    ending=Ending.NEEDS_YOU,
    lanes=(LaneLog(HOSTILE, HOSTILE, HOSTILE, State.FAILED, 3, 1.0, 1, 1, 1, 1, 1.0, HOSTILE),) * 3,
    pillars=(
        PillarLog(Pillar.DOCS, Status.ERROR, (HOSTILE,), 1.0, 1, (HOSTILE,), documents=(HOSTILE,) * 9, summary=HOSTILE),
    ),
    seconds=1.0,
    account=replace(ACCOUNT, alarms=(Alarm(Fault.TARGET, HOSTILE, HOSTILE),), unexamined=(HOSTILE,) * 9),
    commit=HOSTILE,
    branch=HOSTILE,
    patch=HOSTILE,
    remaining=(HOSTILE,) * 3,
    notes=(HOSTILE,) * 3,
    hint=HOSTILE,
)
