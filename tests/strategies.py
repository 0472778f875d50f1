"""Hypothesis strategies for the records of the model, hostile text included."""

from __future__ import annotations

from hypothesis import strategies as st

from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.finding import Finding, Severity
from gatekeeper.model.job import Job, Need, Outcome
from gatekeeper.model.plan import (
    ChangePlan,
    Classification,
    Criterion,
    Dependency,
    Evidence,
    Kind,
    Phase,
    Pillar,
    Placement,
    Schedule,
    Unit,
    Workstream,
)
from gatekeeper.model.report import Exit, Metrics, Report
from gatekeeper.model.verdict import Status, Verdict

HOSTILE = (
    "",
    "@team/owners please see #1 and GH-12",
    "a|b|c",
    "```\n@team\n```",
    "`x` ``y`` @team",
    "</details><script>alert(1)</script>",
    "<!-- gatekeeper -->",
    "]( http://evil.example )![x](http://evil.example/x.png)",
    "line one\nline two\r\n| a | b |",
    "\x1b[2J\x1b[31mred\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\link",
    "right\u202eleft\u2066 zero\u200bwidth \ufeff",
    "caf\udce9.py",
    "\ud800 half",
    "http://evil.example www.evil.example me@evil.example",
    "&lt;b&gt; &#64;team",
    "\\| \\` \\@team",
    "- [ ] item",
    "# heading",
    "    indented",
    "1. list",
    "deadbeef deadbeefcafebabe",
    "表の中の全角文字",
    "a\x00b\x7fc\x85d\u2028e",
    "::error file=x::message",
    "~~~\n~~~",
    "--option",
    "$(touch x)",
)

_PYTHON = "class Größe:\n    def in_cm(self):\n        return self.x\n\n\ndef größte(): ...\n"

# lone surrogates too: `st.text()` leaves them out
_characters = st.one_of(st.characters(), st.characters(categories=["Cs", "Cf", "Cc", "Zl", "Zp", "Po", "Sm"]))
texts = st.one_of(st.sampled_from(HOSTILE), st.text(_characters, max_size=40))
names = st.one_of(st.sampled_from(("src/app.py", "tests/test_app.py", "docs/a b.md")), texts)
seconds = st.floats(0, 5000, allow_nan=False)
lines = st.integers(1, 60)


@st.composite
def findings(draw: st.DrawFn, gate: str = "review") -> Finding:
    """A finding about one of a few paths, or about anything."""
    line = draw(st.none() | lines)
    return Finding(
        gate=gate,
        rule=draw(texts),
        message=draw(texts),
        severity=draw(st.sampled_from(Severity)),
        path=draw(names),
        line=line,
        column=draw(st.none() | st.integers(0, 200)) if line else None,
        end_line=draw(st.none() | lines) if line else None,
        detail=draw(texts | st.lists(texts, max_size=30).map("\n".join)),
        blocks=draw(st.booleans()),
    )


@st.composite
def verdicts(draw: st.DrawFn, gate: str = "review") -> Verdict:
    """A verdict with up to a dozen findings."""
    return Verdict(
        gate=gate,
        status=draw(st.sampled_from(Status)),
        summary=draw(texts),
        measured=draw(st.none() | st.floats(0, 100)),
        required=draw(st.none() | st.floats(0, 100)),
        unit=draw(st.sampled_from(("/10", "%", "tests", "findings", ""))),
        findings=tuple(draw(st.lists(findings(gate), max_size=12))),
        notes=tuple(draw(st.lists(texts, max_size=7))),
        hint=draw(texts),
        seconds=draw(seconds),
        reused=draw(st.none() | st.just("9c1f0e1f8a8f")),
        advisory=draw(st.booleans()),
        project=draw(st.sampled_from(("", "packages/a", "p|`\x1b[1m"))),
    )


@st.composite
def file_changes(draw: st.DrawFn) -> FileChange:
    """A changed file, whose text has nothing to do with its hunks."""
    kind = draw(st.sampled_from(ChangeKind))
    spans = draw(st.lists(st.tuples(lines, st.integers(0, 5), lines, st.integers(0, 5)), max_size=3))
    return FileChange(
        path=draw(names | st.just("app.py")),
        kind=kind,
        old_path=draw(names) if kind in (ChangeKind.RENAMED, ChangeKind.COPIED) else None,
        hunks=tuple(Hunk(*span) for span in spans),
        text=draw(st.none() | st.just(_PYTHON) | st.lists(texts, max_size=40).map("\n".join)),
    )


@st.composite
def job_lists(draw: st.DrawFn) -> tuple[tuple[Job, ...], tuple[Outcome, ...]]:
    """Jobs, each of which may need those before it, and outcomes of some of them."""
    jobs: list[Job] = []
    for number in range(draw(st.integers(0, 5))):
        needed = draw(st.lists(st.sampled_from(jobs), max_size=2)) if jobs else []
        jobs.append(
            Job(
                id=f"gate{number}.work",
                gate=f"gate{number}",
                label=draw(texts),
                argv=("tool", *draw(st.lists(texts, max_size=3))),
                cwd="/srv/x",
                seconds_limit=60,
                needs=tuple(Need(job.id, draw(texts)) for job in needed),
                estimate=draw(st.none() | seconds),
            )
        )
    outcomes = tuple(
        Outcome(
            job=job.id,
            exit_code=draw(st.none() | st.integers(-15, 255)),
            stdout=draw(texts),
            stderr=draw(texts),
            started=draw(seconds),
            seconds=draw(seconds),
            cpu_seconds=draw(seconds),
            problem=draw(texts),
        )
        for job in jobs
        if draw(st.booleans())
    )
    return tuple(jobs), outcomes


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """A whole report; its exit has nothing to do with its verdicts, since readers must bear any."""
    jobs, outcomes = draw(job_lists())
    figures = [draw(seconds) for _ in range(8)]
    files = tuple(draw(st.lists(file_changes(), max_size=3)))
    return Report(
        target=Target(draw(st.sampled_from(TargetKind)), "4b825dc6", "9c1f0e1f", draw(texts), head=draw(texts)),
        change=Change("4b825dc6", "9c1f0e1f", files),
        policy_source=draw(texts),
        verdicts=tuple(draw(verdicts(gate)) for gate in ("review", "coverage", "tests")[: draw(st.integers(0, 3))]),
        exit=draw(st.sampled_from(Exit)),
        metrics=Metrics(draw(st.integers(1, 64)), *figures),
        jobs=jobs,
        outcomes=outcomes,
        seconds=draw(seconds),
        notes=tuple(draw(st.lists(texts, max_size=2))),
        troubles=tuple(draw(st.lists(texts, max_size=2))),
    )


@st.composite
def change_plans(draw: st.DrawFn) -> ChangePlan:
    """A plan with hostile texts and ids; its schedule has nothing to do with its estimates, and may miss some."""
    streams: list[Workstream] = []
    for number in range(draw(st.integers(0, 4))):
        needs = [
            Dependency(stream.id, draw(texts), draw(texts), draw(st.booleans()))
            for stream in (draw(st.lists(st.sampled_from(streams), max_size=3)) if streams else [])
        ]
        streams.append(
            Workstream(
                id=draw(st.just(f"w{number}") | texts),
                title=draw(texts),
                pillar=draw(st.sampled_from(Pillar)),
                phase=draw(st.sampled_from(Phase)),
                agent=draw(texts),
                agent_reason=draw(texts),
                scope=tuple(draw(st.lists(names, max_size=3))),
                criteria=tuple(
                    Criterion(text, draw(st.none() | st.booleans())) for text in draw(st.lists(texts, max_size=2))
                ),
                needs=tuple(needs),
                estimate=draw(seconds),
                estimate_basis=draw(texts),
            )
        )
    placements = []
    for stream in streams:
        start = draw(seconds)
        placements.append(Placement(stream.id, draw(st.integers(0, 5)), start, start + stream.estimate))
    figures = [draw(seconds) for _ in range(8)]
    return ChangePlan(
        title=draw(texts),
        classification=Classification(
            draw(st.sampled_from(Kind)),
            tuple(
                Evidence(draw(texts), draw(texts), draw(st.none() | st.sampled_from(Kind)))
                for _ in range(draw(st.integers(0, 2)))
            ),
        ),
        delegation=draw(texts),
        units=tuple(
            Unit(name, (name, *draw(st.lists(names, max_size=2))), (draw(texts),), (Dependency(draw(names), "x", "y"),))
            for name in draw(st.lists(names, max_size=2))
        ),
        workstreams=tuple(streams),
        schedule=Schedule(draw(st.integers(1, 64)), tuple(placements), *figures, exact=draw(st.booleans())),
        width_primary=draw(st.integers(0, 9)),
        width=draw(st.integers(0, 9)),
        modes=tuple(draw(st.lists(texts, max_size=2))),
        notes=tuple(draw(st.lists(texts, max_size=2))),
    )
