"""Puts an orchestration together: what it works on, who does it, where its state lies, and what becomes of it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from gatekeeper.edges.agent_environment import require_program
from gatekeeper.edges.changes import read_change
from gatekeeper.edges.git import Repository, find_repository
from gatekeeper.edges.integration import apply_to_user, make_branch, patch_of_run
from gatekeeper.edges.policies import configured_base, governing_policy
from gatekeeper.edges.run_folders import RunFolder
from gatekeeper.edges.run_recovery import recover
from gatekeeper.edges.targets import Wish, find_target, range_target, since_usual_base
from gatekeeper.edges.user_refs import snapshot_refs
from gatekeeper.edges.user_settings import alterations, forget_alterations, snapshot_settings
from gatekeeper.edges.worktrees import REFERENCES, Worktrees
from gatekeeper.engine.chronicle import Chronicle
from gatekeeper.engine.orchestrator import Orchestrator
from gatekeeper.formats.agent_templates import coding_agents, template
from gatekeeper.formats.event_log import event_line
from gatekeeper.formats.lanes_board import LanesBoard
from gatekeeper.formats.orchestration_state import Kept, kept_document, read_kept
from gatekeeper.formats.relaxations import relaxations
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.gate_log import Approval
from gatekeeper.model.orchestration import Ending, Orchestrated, Progress
from gatekeeper.model.orchestration_events import Began, Ended, Lane, OrchestrationEvent
from gatekeeper.model.plan import ChangePlan, Phase
from gatekeeper.model.policy import Policy
from gatekeeper.model.policy_change import PolicyChange
from gatekeeper.model.report import Exit
from gatekeeper.orchestrate_end import Result, approval_of
from gatekeeper.orchestrate_hands import Crew, Ground, WorkingHands
from gatekeeper.plan_wiring import PlanOptions, plan_of
from gatekeeper.watch_wiring import Display

_RESUME = "gatekeeper orchestrate --resume"


@dataclass(frozen=True, slots=True)
class OrchestrateOptions:
    """What the command line asks for: a task or the mending of commits (`plan`), or going on with the run `resume`.

    `agent` does what the configuration gives to nobody, `agents` is how many work at a time (None: as before, or as
    the plan says). `branch` and `patch` name where the result goes, and `apply` moves the user's own branch to it.
    """

    plan: PlanOptions
    fix: bool = False
    resume: str | None = None
    agent: str = ""
    agents: int | None = None
    branch: str = ""
    patch: str = ""
    apply: bool = False


@dataclass(frozen=True)
class _Begun:
    """An orchestration before anything is started: what is kept of it, by whose policy, by whom, and what was noted."""

    kept: Kept
    policy: Policy
    crew: Crew
    notes: tuple[str, ...] = ()


def rehearse(options: OrchestrateOptions) -> tuple[ChangePlan, Crew]:
    """The plan, and who would carry it out; nothing is started and nothing written."""
    begun = _asked(find_repository(options.plan.folder), options)
    return begun.kept.plan, begun.crew


def orchestrate(options: OrchestrateOptions, display: Display) -> Approval:
    """Carry out what is asked for, and tell how it ended; the display hears all of it.

    Raises `UsageError` before anything is started where an agent has no program. An interrupt ends every agent, saves
    what they had done, and becomes a `GatekeeperError` that says how to go on.
    """
    repository = find_repository(options.plan.folder)
    notes = recover(repository)
    if options.resume is None:
        begun = _asked(repository, options)
        run = RunFolder.create(repository, datetime.now().astimezone())
    else:
        run = RunFolder.open(repository, options.resume)
    try:
        if options.resume is not None:
            begun = _resumed(repository, run, options)
            notes = tuple(line for line in notes if run.name not in line)  # nobody has to be told how to resume it
        return _Carrying(repository, run, replace(begun, notes=(*notes, *begun.notes)), options, display).carry_out()
    finally:
        run.close()


def _asked(repository: Repository, options: OrchestrateOptions) -> _Begun:
    """A new orchestration: a task on top of HEAD, or the commits since the base with what the gates block of them."""
    if repository.top is None:
        raise UsageError("a bare repository has no working tree to work from", "run this inside a clone")
    head, tree = repository.head()
    if not head:
        raise UsageError("there is no commit to work on", "make a first commit")
    target = Target(TargetKind.WORKTREE, tree, tree, "HEAD", head, head)
    base = head
    if options.fix:
        target = _commits(repository, options.plan.wish)
        base = target.base
    policy = governing_policy(repository, target, {}, os.environ)
    plan = plan_of(
        replace(options.plan, wish=replace(options.plan.wish, target=target)) if options.fix else options.plan
    )
    progress = Progress(head) if options.fix else Progress()
    kept = Kept(plan, base, head, options.plan.agents, options.agent, options.branch, progress)
    return _Begun(kept, policy, _crew(policy, plan, options.agent))


def _commits(repository: Repository, wish: Wish) -> Target:
    """The commits that are to be mended."""
    usual = None if wish.base else since_usual_base(repository, lambda: configured_base(repository, os.environ))
    target = find_target(repository, wish) if wish.base else usual
    if target is None:
        raise UsageError("nobody says which branch HEAD is to join", "name it with --base")
    if target.base_tree == target.head_tree:
        raise UsageError(f"HEAD has nothing that {target.base[:9]} has not", "name the branch to join with --base")
    return target


def _resumed(repository: Repository, run: RunFolder, options: OrchestrateOptions) -> _Begun:
    """An orchestration that goes on: what was landed stays, and mending may begin anew."""
    swept = Worktrees(repository, run).sweep()
    kept = read_kept(run.load())
    if kept.ending == Ending.APPROVED:
        raise UsageError(f"the run {run.name} was approved; there is nothing left to do", "start a new one")
    kept = replace(
        kept, ending="", agent=options.agent or kept.agent, agents=options.agents or kept.agents,
        branch=options.branch or kept.branch, progress=replace(kept.progress, iteration=0),
    )  # fmt: skip
    tree = repository.tree(kept.base)
    target = Target(TargetKind.RANGE, tree, tree, "", kept.base, kept.base)
    policy = governing_policy(repository, target, {}, os.environ)
    return _Begun(kept, policy, _crew(policy, kept.plan, kept.agent), swept)


def _crew(policy: Policy, plan: ChangePlan, agent: str) -> Crew:
    """Who has a program. Raises `UsageError` where a workstream that is to be done has nobody."""
    named = coding_agents(policy.projects[0].value("agents", ()))
    fallback = named.get(agent) or (template(agent) if agent else None)
    crew = Crew(named, fallback)
    working = [crew.agent(stream.agent) for stream in plan.workstreams if stream.phase is Phase.WORK]
    for one in dict.fromkeys((*working, *filter(None, [fallback]))):
        require_program(one)
    return crew


class _Carrying:
    """One orchestration from its first event to its last."""

    def __init__(
        self, repository: Repository, run: RunFolder, begun: _Begun, options: OrchestrateOptions, display: Display
    ) -> None:
        self._repository, self._run, self._options, self._display = repository, run, options, display
        self._begun = begun
        self._kept = replace(begun.kept, passes=begun.kept.passes + 1)
        self._epoch = time.monotonic()
        self._board = LanesBoard()
        self._is_shown = True

    def carry_out(self) -> Approval:
        kept, plan = self._kept, self._kept.plan
        self._tell(
            Began(
                self._run.name, plan.title, kept.base, datetime.now().astimezone().isoformat(timespec="seconds"),
                kept.agents, tuple(_lanes(plan, bool(kept.progress.head))), kept.passes > 1,
            )
        )  # fmt: skip
        self._keep(kept.progress)
        snapshot_refs(self._repository, self._run)
        snapshot_settings(self._repository, self._run)
        gates = frozenset(
            gate.name for project in self._begun.policy.projects for gate in project.gates if gate.enabled
        )
        ground = Ground(
            self._repository, self._run, plan, kept.base, kept.given, self._begun.crew, gates, self._keep, kept.passes,
            self._relaxed(),
        )  # fmt: skip
        hands = WorkingHands(ground, self._epoch)
        chronicle = Chronicle(self._tell, self._epoch, lambda at: self._show(lambda: self._display.on_tick(at)))
        orchestrator = Orchestrator(plan, kept.base, kept.agents, hands, chronicle, kept.progress)
        try:
            return self._finish(self._held_up(orchestrator.carry_out()), hands)
        except KeyboardInterrupt:
            raise self._stopped(hands) from None

    def _held_up(self, ended: Orchestrated) -> Orchestrated:
        """Where somebody has altered settings or hooks of the user, a person looks first; going on accepts them."""
        altered = alterations(self._run)
        if not altered:
            return ended
        forget_alterations(self._run)
        reason = ended.reason or "the repository itself was altered while agents were at work"
        return replace(ended, ending=Ending.NEEDS_YOU, reason=reason, remaining=(*ended.remaining, *altered))

    def _relaxed(self) -> tuple[PolicyChange, ...]:
        """What the commits relax that were there before any agent came."""
        if self._kept.given == self._kept.base:
            return ()
        target = range_target(self._repository, self._kept.base, self._kept.given, "")
        policy = governing_policy(self._repository, target, {}, os.environ)
        return relaxations(read_change(self._repository, target), target, policy.changes)

    def _keep(self, progress: Progress) -> None:
        """Write down how far it has come, and hold on to the joined commit."""
        self._kept = replace(self._kept, progress=progress)
        if progress.head:
            self._repository.run("update-ref", f"{REFERENCES}/{self._run.name}/head", progress.head)
        self._run.save(kept_document(self._kept))

    def _stopped(self, hands: WorkingHands) -> GatekeeperError:
        self._kept = replace(self._kept, ending=Ending.STOPPED)
        self._run.save(kept_document(self._kept))
        head, resume = self._kept.progress.head, f"{_RESUME} {self._run.name}"
        self._tell(Ended(self._now, Ending.STOPPED, head, "", "", ("it was interrupted",), resume))
        done = "interrupted; nothing is left running, and all that the agents had done is saved"
        words = "\n".join((done, *hands.notes, *alterations(self._run)))
        return GatekeeperError(words, f"go on with: {resume}", Exit.INTERRUPTED)

    def _finish(self, ended: Orchestrated, hands: WorkingHands) -> Approval:
        """Bring the result to the user, and put into words how it ended."""
        name, commit = self._run.name, ended.commit
        notes, hint, applied, branch = [*self._begun.notes, *hands.notes], f"{_RESUME} {name}", False, ""
        if ended.ending is Ending.APPROVED:
            branch = self._kept.branch or f"gatekeeper/{name}"
            hint = f"git merge {branch}"
            try:
                make_branch(self._repository, branch, commit)
                if self._options.apply:
                    notes += apply_to_user(self._repository, self._kept.given, commit)
                    applied, hint = True, ""
            except GatekeeperError as refusal:
                notes.append(f"{refusal.message}; the result is the commit {commit[:12]}")
        patch = self._patch(commit, notes) if self._options.patch else ""
        self._kept = replace(self._kept, ending=ended.ending)
        self._run.save(kept_document(self._kept))
        remaining = tuple(filter(None, (ended.reason, *ended.remaining)))
        self._tell(Ended(self._now, ended.ending, commit, branch, patch, remaining, hint))
        result = Result(self._run.name, commit, branch, patch, applied, remaining, tuple(notes), hint)
        return approval_of(result, self._kept, ended, self._board, (hands.usage, hands.limit))

    def _patch(self, commit: str, notes: list[str]) -> str:
        try:
            Path(self._options.patch).write_bytes(patch_of_run(self._repository, self._kept.base, commit))
        except OSError as error:
            made = f"`git diff --binary {self._kept.base[:12]} {commit[:12]}` makes it"
            notes.append(f"the patch {self._options.patch} cannot be written ({error.strerror}); {made}")
            return ""
        return self._options.patch

    @property
    def _now(self) -> float:
        return time.monotonic() - self._epoch

    def _tell(self, event: OrchestrationEvent) -> None:
        self._run.append(event_line(event))
        self._board.take(event)
        self._show(lambda: self._display.on_event(event))

    def _show(self, tell: Callable[[], None]) -> None:
        """A display that breaks, such as one whose reader has gone, is shown nothing more; the work goes on."""
        if self._is_shown:
            try:
                tell()
            except Exception:  # noqa: BLE001 - whatever it was: what is shown is not what is done
                self._is_shown = False


def _lanes(plan: ChangePlan, made: bool) -> Iterable[Lane]:
    """The workstreams of a plan that are still to be done; of one whose work is made, the judgements."""
    streams = [w for w in plan.workstreams if w.phase is Phase.JUDGE or not made]
    names = {w.id for w in streams}
    for w in streams:
        needs = tuple(need.on for need in w.needs if not need.hint and need.on in names)
        yield Lane(w.id, w.title, w.pillar, w.phase, w.agent, w.estimate, needs)
