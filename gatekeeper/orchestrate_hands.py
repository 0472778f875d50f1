"""Does what an orchestration asks for: worktrees, agents, commits, judgements, and the steps that follow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from gatekeeper.agents.coding import CodingAgents
from gatekeeper.agents.gates import NOTHING_YET, GateRuns
from gatekeeper.edges.git import Repository
from gatekeeper.edges.integration import merge
from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.edges.user_refs import moved_refs
from gatekeeper.edges.user_settings import note_alterations
from gatekeeper.edges.worktrees import Worktrees
from gatekeeper.engine.hands import Say
from gatekeeper.fix_commit_wiring import CommitFixers
from gatekeeper.formats.baseline_text import baseline_lines
from gatekeeper.formats.lane_paths import in_lane
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.model.change import Role, role_of
from gatekeeper.model.coding_agent import CodingAgent
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.orchestration import Assignment, Joined, Judgement, Landed, Landing, Progress, Steps, Work, Worked
from gatekeeper.model.plan import GATES_OF, ChangePlan, Phase, Pillar, Workstream
from gatekeeper.model.policy_change import PolicyChange
from gatekeeper.model.report import Report
from gatekeeper.orchestrate_briefing import Briefing
from gatekeeper.planning.course import Course, next_steps
from gatekeeper.planning.mending import Mending, mend

_FOLLOWING = (Role.TEST, Role.DOCS)
"""What a lane may take along though it lies outside, where nobody else owns it: its tests and its documents."""
_ATTEMPTS_A_PASS = 100


@dataclass(frozen=True)
class Crew:
    """Who has a program: `named` by the names of agents, and `fallback` for all others, if there is one."""

    named: Mapping[str, CodingAgent]
    fallback: CodingAgent | None = None

    def agent(self, name: str) -> CodingAgent:
        """The program behind an agent. Raises `UsageError` where there is none."""
        found = self.named.get(name) or self.fallback
        if found is None:
            raise UsageError(
                f"the agent {name} has no program",
                "name one for all with --agent, or describe it under `agents` in .gatekeeper.yml; "
                "`gatekeeper agents` lists those that are known",
            )
        return found


@dataclass(frozen=True)
class Ground:
    """What an orchestration stands on: the commit `base`, the commit `given` that was there already, and its plan.

    `gates` are the names of those that are on; `keep` writes down how far it has come. `passes` counts from 1, one more
    each time that it is resumed. `accepted` are the relaxations of what was given: they are the user's own.
    """

    repository: Repository
    run: RunFolder
    plan: ChangePlan
    base: str
    given: str
    crew: Crew
    gates: frozenset[str]
    keep: Callable[[Progress], None]
    passes: int = 1
    accepted: tuple[PolicyChange, ...] = ()


class WorkingHands:
    """Fulfils `engine.hands.Hands` with agents, Git and gates; `epoch` is the beginning on `time.monotonic`."""

    def __init__(self, ground: Ground, epoch: float) -> None:
        self._ground = ground
        self._repository = ground.repository.holding(ground.run.lock)
        self._coding = CodingAgents(epoch, ground.run.lock)
        self._gate_runs = GateRuns(epoch, ground.run.lock)
        self._worktrees = Worktrees(ground.repository, ground.run)
        self._course = Course(limit=ground.plan.targets.max_fix_iterations if ground.plan.targets else 3)
        self._briefing = Briefing(self._repository, ground.plan, ground.base)
        self._fixers = CommitFixers()
        self._open: dict[str, Work] = {}
        self._judged = 0
        self._lock = threading.Lock()
        self._stopped = False
        self.usage: dict[str, tuple[int, float]] = {}
        self.notes: list[str] = []

    @property
    def limit(self) -> int:
        """How often it may be mended."""
        return self._course.limit

    def lay_out(self, work: Work) -> None:
        """Make the worktree for an attempt."""
        self._open[work.id] = work
        self._worktrees.make(work.id, self._number(work), work.start)

    def work(self, work: Work, say: Say) -> Landed:
        """Have the agent do it, and take what it did into a commit."""
        ground, number = self._ground, self._number(work)
        agent = ground.crew.agent(work.agent)
        agent = replace(agent, settings=(*agent.settings, ground.run.cookie))  # by which strays are found after a crash
        prompt = self._briefing.prompt(work, self._course.limit)
        assignment = Assignment(
            work.id, work.attempt, agent, str(ground.run.place(work.id, number)),
            str(ground.run.scratch(work.id, number)), work.start, prompt, work.lane,
        )  # fmt: skip
        worked = self._coding.work(assignment, say)
        landing = self._collect(work, agent)
        notes = self._worktrees.notes(work.id, number)
        with self._lock:
            self.notes += moved_refs(self._repository, ground.run)
            note_alterations(self._repository, ground.run)
        self._worktrees.remove(work.id, number)
        with self._lock:
            self.notes += self._worktrees.set_aside()
            tokens, cost = self.usage.get(work.id, (0, 0.0))
            self.usage[work.id] = (tokens + worked.tokens, cost + worked.cost)
        words = worked.last_words or worked.problem or f"{len(landing.files)} files were changed"
        self._briefing.note_attempt(work, words)
        return self._landed(work, worked, landing, notes)

    def prepare(self, workstream: Workstream, say: Say) -> str:
        """Measure the base for a pillar, and tell what was seen in words."""
        ground = self._ground
        gates = tuple(gate for gate in GATES_OF.get(workstream.pillar, ()) if gate in ground.gates)
        if not gates:
            return "its gate is switched off"
        scratch = ground.run.scratch(workstream.id, ground.passes)
        judgement = self._gate_runs.baseline(
            self._repository, ground.base, workstream.scope, gates, scratch, say
        )  # fmt: skip
        if judgement.report is None and judgement.problem != NOTHING_YET:
            raise GatekeeperError(judgement.problem)
        lines = baseline_lines(judgement)
        self._briefing.note_baseline(lines)
        return "; ".join(lines)

    def judge(self, name: str, commit: str, say: Say) -> Judgement:
        """Have the gates judge a commit against the base."""
        with self._lock:
            self._judged += 1
            scratch = self._ground.run.scratch(f"judge-{name or 'whole'}", self._number_of_judgement())
        top = self._repository.top or self._repository.git_dir
        return self._gate_runs.judge(top, self._ground.base, commit, (), scratch, say)

    def integrate(self, head: str, landed: Sequence[Landed]) -> Joined:
        """Join commits to a head, in this order."""
        started = time.monotonic()
        lanes, conflicts = [], []
        for each in landed:
            work = each.work
            message = f"Join {work.id}: {phrase(work.title)}\n\nRun: {self._ground.run.name}\n"
            merged = merge(self._repository, head, each.commit, work.start, message)
            if merged.conflicts:
                conflicts += [(work.id, path) for path in merged.conflicts]
                self._briefing.note_clash(work.id, head, each.commit)
            else:
                head = merged.commit
                lanes.append(work.id)
        return Joined(head, tuple(lanes), tuple(conflicts), time.monotonic() - started)

    def correct(self, commit: str, say: Say) -> str:
        """Run the fixers that need no model over a commit; tells the new one, or the same."""
        fixed = self._fixers.fix(self._repository, self._ground.base, commit, f"Run: {self._ground.run.name}")
        if fixed.words:
            self.notes.append(fixed.words)
        return fixed.commit

    def next_steps(self, judgement: Judgement) -> Steps:
        """What follows from the judgement of the whole: what the change relaxed before any agent came is not theirs."""
        report = judgement.report
        if report:
            accepted = frozenset(map(_meaning, self._ground.accepted))
            own = tuple(change for change in report.policy_changes if _meaning(change) not in accepted)
            judgement = replace(judgement, report=replace(report, policy_changes=own))
        self._course, steps = next_steps(self._course, judgement, self._mend)
        return steps

    def keep(self, progress: Progress) -> None:
        """Note how far it has come."""
        self._ground.keep(progress)

    def idle_limit(self, agent: str) -> float:
        """After how many seconds without news an agent is ended."""
        return self._ground.crew.agent(agent).idle_limit

    def stop(self) -> None:
        """End everything that was started."""
        self._stopped = True
        self._fixers.stop()
        self._coding.stop()
        self._gate_runs.stop()

    def _number(self, work: Work) -> int:
        """The number of an attempt over all passes, so that a resumed run writes over nothing."""
        return (self._ground.passes - 1) * _ATTEMPTS_A_PASS + work.attempt

    def _number_of_judgement(self) -> int:
        return (self._ground.passes - 1) * _ATTEMPTS_A_PASS + self._judged

    def _collect(self, work: Work, agent: CodingAgent) -> Landing:
        """Take the work in; tests and documents that nobody else owns join the lane."""
        number, message = self._number(work), f"{work.id}: {phrase(work.title)}\n\nAgent: {phrase(agent.name)}\n"
        landing = self._worktrees.collect(work.id, number, work.lane, agent.litter, message)
        joining = tuple(path for path in landing.outside if role_of(path) in _FOLLOWING and not self._owner(path, work))
        if not joining:
            return landing
        return self._worktrees.collect(work.id, number, (*work.lane, *joining), agent.litter, message)

    def _owner(self, path: str, work: Work) -> str:
        """The other workstream in whose lane a path lies."""
        streams = self._ground.plan.workstreams if not work.iteration else ()
        planned = [(w.id, w.scope) for w in streams if w.phase is Phase.WORK]
        beside = [(w.id, w.lane) for w in self._open.values() if w.iteration == work.iteration]
        return next((name for name, lane in (*planned, *beside) if name != work.id and in_lane(path, lane)), "")

    def _landed(self, work: Work, worked: Worked, landing: Landing, notes: Sequence[str]) -> Landed:
        """What an attempt brought, by what lay in its worktree; how the agent ended is a remark."""
        beside = [self._named(path, work) for path in landing.outside[:3]]
        more = f" and {len(landing.outside) - 3} more" if len(landing.outside) > 3 else ""
        outside = f"not taken, since it lies outside its lane: {', '.join(beside)}{more}" if beside else ""
        remarks = [worked.problem, outside, *map(phrase, notes)]
        if self._stopped and worked.problem:
            return Landed(work, "", problem="it was stopped; what it had done is saved")
        if not landing.commit:
            why = "; ".join(filter(None, remarks)) or "it changed nothing"
            words = f', and said "{fit(phrase(worked.last_words), 160)}"' if worked.last_words else ""
            return Landed(work, "", problem=f"{why}{words}")
        note = "; ".join(remark for remark in remarks if remark)
        return Landed(work, landing.commit, landing.files, landing.added, landing.removed, note=note)

    def _named(self, path: str, work: Work) -> str:
        owner = self._owner(path, work)
        return f"{phrase(path)} (of {owner})" if owner else phrase(path)

    def _mend(self, report: Report) -> tuple[Mending, ...]:
        names = self._repository.names(report.change.head_tree)
        return mend(report, self._ground.plan, self._choose, names)

    def _choose(self, pillar: Pillar, paths: Collection[str]) -> tuple[str, str]:
        """The agent that judges these paths for a pillar in the plan also mends them."""
        judging = [w for w in self._ground.plan.workstreams if w.pillar is pillar and w.phase is Phase.JUDGE]
        mine = [w for w in judging if any(in_lane(path, w.scope) for path in paths)]
        for stream in (*mine, *judging):
            return stream.agent, stream.agent_reason
        return pillar.value, "no agent of the plan is there for this"


def _meaning(change: PolicyChange) -> tuple[str, ...]:
    """What a relaxation is, wherever its line has moved to."""
    return (change.kind, change.path, change.what, change.before, change.after)
