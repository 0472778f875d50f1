"""Carries a plan out: the work in parallel, judged as it lands, joined, judged as a whole, and mended a few times."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gatekeeper.engine.chronicle import Chronicle
from gatekeeper.engine.duties import Done, Duties, Duty, News
from gatekeeper.engine.hands import Hands
from gatekeeper.engine.standing import state_of, told
from gatekeeper.model.errors import GatekeeperError
from gatekeeper.model.frozen import replace
from gatekeeper.model.orchestration import Ending, Joined, Judgement, Landed, Orchestrated, Progress, Said, State, Work
from gatekeeper.model.orchestration_events import Integrated, IterationBegan, Judged
from gatekeeper.model.plan import PILLAR_OF, ChangePlan, Phase, Pillar, Workstream
from gatekeeper.model.report import Exit

WHOLE = ""
"""The name under which the joined whole is judged."""

_JUDGE = "judge:"
_CORRECT = "correct"


class Orchestrator:
    """One orchestration of a plan on the commit `base`, by up to `agents` at a time.

    `progress` is how far an earlier one has come. All methods belong to one thread.
    """

    def __init__(
        self, plan: ChangePlan, base: str, agents: int, hands: Hands, log: Chronicle, progress: Progress | None = None
    ) -> None:
        self._plan = plan
        self._base = base
        self._hands = hands
        self._log = log
        self._progress = progress or Progress()
        self._attempts = plan.targets.max_fix_iterations if plan.targets else 3
        self._duties = Duties(agents)
        self._works: dict[str, Work] = {}
        self._landed: dict[str, Landed] = {each.work.id: each for each in self._progress.landed}
        self._failed: dict[str, str] = {}
        self._judgements: list[Judgement] = []
        self._beside: list[Judgement] = []
        self._mended = 0
        self._stopping = False

    def carry_out(self) -> Orchestrated:
        """Do all of it. An interrupt ends everything that runs, takes its work in, and goes on to the caller."""
        for landed in self._landed.values() if not self._progress.head else ():
            self._log.ended(landed.work.id, State.LANDED, "it had landed before", landed)
        try:
            head = self._progress.head or self._make()
            if self._failed:
                remaining = tuple(f"{lane}: {problem}" for lane, problem in self._failed.items())
                return self._ended(Ending.NEEDS_YOU, head, "not all of the work was done", remaining)
            return self._validate(head)
        finally:
            self._stopping = True
            self._hands.stop()
            for done in self._duties.close():
                self._over(done)
            self._keep(self._progress.head)

    def _make(self) -> str:
        """The work of all lanes, with the baselines beside it, joined into one commit."""
        streams = [w for w in self._plan.workstreams if w.pillar is Pillar.PRIMARY and w.id not in self._landed]
        self._duties.add(self._work_duty(self._first(stream)) for stream in streams)
        baselines = [w for w in self._plan.workstreams if w.phase is Phase.PREPARE] if streams else []
        self._duties.add(
            Duty(stream.id, partial(self._hands.prepare, stream), urgency=stream.estimate) for stream in baselines
        )
        self._run()
        order = [w.id for w in self._plan.workstreams if w.id in self._landed]
        return self._join(self._base, order)

    def _validate(self, head: str) -> Orchestrated:
        """Judge the whole, and have what is blocked mended until nothing is, or it makes no sense to go on."""
        number = self._progress.iteration
        while True:
            head = self._corrected(head)
            self._progress = replace(self._progress, head=head, iteration=number)
            self._keep(head)
            judgement = self._judged(head)
            steps = self._hands.next_steps(judgement)
            if steps.ending:
                return self._ended(steps.ending, head, steps.reason, steps.remaining)
            number += 1
            self._mended += 1
            self._log.tell(IterationBegan(self._log.now, number, self._attempts, steps.findings))
            mended = self._mend(head, steps.works)
            if mended == head:
                reason = f"iteration {number} changed nothing"
                return self._ended(Ending.NEEDS_YOU, head, reason, (*steps.remaining, *self._troubles(steps.works)))
            head = mended

    def _mend(self, head: str, works: Sequence[Work]) -> str:
        for work in works:
            self._log.added(work)
        self._duties.add(self._work_duty(replace(work, start=head)) for work in works)
        self._run()
        landed = [self._landed[work.id] for work in works if work.id in self._landed]
        joined = self._hands.integrate(head, landed)
        self._tell_joined(joined)
        for lane, path in joined.conflicts:
            self._failed[lane] = f"its work on {path} is in conflict with that of another lane"
        return joined.head

    def _troubles(self, works: Sequence[Work]) -> list[str]:
        return [f"{work.id}: {self._failed[work.id]}" for work in works if work.id in self._failed]

    def _join(self, head: str, order: Sequence[str]) -> str:
        """Join lanes; one in conflict does its work again on top of the others, as long as it has attempts left."""
        while True:
            joined = self._hands.integrate(head, [self._landed[lane] for lane in order])
            self._tell_joined(joined)
            again = dict.fromkeys(lane for lane, _ in joined.conflicts)
            works = []
            for lane in again:
                paths = tuple(path for name, path in joined.conflicts if name == lane)
                before = self._landed.pop(lane).work
                if before.attempt >= self._attempts:
                    self._fail(lane, f"it is in conflict with other lanes in {', '.join(paths[:3])}")
                else:
                    works.append(replace(before, start=joined.head, attempt=before.attempt + 1, conflict=paths))
            if not works:
                return joined.head
            self._duties.add(self._work_duty(work) for work in works)
            self._run()
            head, order = joined.head, [work.id for work in works if work.id in self._landed]

    def _run(self) -> None:
        """Until all duties are over."""
        while self._duties.at_work:
            for name in self._duties.start_ready():
                self._announce(name)
            news = self._duties.next()
            if isinstance(news, Done):
                self._over(news)
            elif isinstance(news, News) and isinstance(news.said, Said):
                self._log.said(self._shown(news.id, news.said), news.said)
            self._log.tick()

    def _first(self, stream: Workstream) -> Work:
        return Work(stream.id, stream.title, stream.pillar, stream.agent, stream.scope, self._base)

    def _work_duty(self, work: Work) -> Duty:
        """The duty of an attempt; the first one starts from what the lanes have brought that it needs."""
        stream = next((w for w in self._plan.workstreams if w.id == work.id), None)
        primary = {w.id for w in self._plan.workstreams if w.pillar is Pillar.PRIMARY}
        needs = tuple(n.on for n in stream.needs if n.on in primary and not n.hint) if stream else ()
        if work.conflict:  # it starts from all that is joined
            needs = ()

        def lay_out() -> None:
            lacking = [need for need in needs if need not in self._landed]
            if lacking:
                raise GatekeeperError(f"it needs {lacking[0]}, which was not done")
            if needs:
                joined = self._hands.integrate(self._base, [self._landed[need] for need in needs])
                self._works[work.id] = replace(work, start=joined.head)
            self._hands.lay_out(self._works[work.id])

        self._works[work.id] = work
        self._failed.pop(work.id, None)
        urgency = stream.estimate if stream else 0.0
        return Duty(work.id, lambda say: self._hands.work(self._works[work.id], say), needs, urgency, lay_out)

    def _announce(self, name: str) -> None:
        """Tell that a duty has begun."""
        work = self._works.get(name)
        if work:
            self._log.started(name, work.agent, work.attempt, self._hands.idle_limit(work.agent))
        for stream in self._streams_of(name):
            self._log.started(stream.id, stream.agent)

    def _streams_of(self, name: str) -> tuple[Workstream, ...]:
        """The workstreams that a duty other than work stands for: a baseline, or all that judge a lane or the whole."""
        if name == _JUDGE + WHOLE:
            return tuple(w for w in self._plan.workstreams if w.phase is Phase.JUDGE)
        if name.startswith(_JUDGE):
            lane = name.removeprefix(_JUDGE)
            return tuple(
                w for w in self._plan.workstreams if w.phase is Phase.JUDGE and lane in {n.on for n in w.needs}
            )
        return tuple(w for w in self._plan.workstreams if w.id == name and w.phase is Phase.PREPARE)

    def _shown(self, name: str, said: Said) -> str:
        """The lane at which the news of a duty is shown: that of the pillar that a gate run speaks of."""
        streams = self._streams_of(name)
        for stream in streams:
            if any(pillar is stream.pillar and gate in said.text for gate, pillar in PILLAR_OF.items()):
                return stream.id
        return streams[-1].id if streams else name

    def _over(self, done: Done) -> None:
        """Take notice that a duty has ended."""
        work = self._works.get(done.id)
        if work:
            landed = done.result if isinstance(done.result, Landed) else Landed(work, "", problem=_words(done.trouble))
            self._came(landed)
        elif done.id.startswith(_JUDGE):
            trouble = Judgement("", None, problem=_words(done.trouble)) if done.trouble else done.result
            self._tell_judged(done.id.removeprefix(_JUDGE), trouble)
        else:
            state = State.STOPPED if self._stopping else State.FAILED if done.trouble else State.PASSED
            for stream in self._streams_of(done.id):
                self._log.ended(stream.id, state, _words(done.trouble) or str(done.result or ""))

    def _came(self, landed: Landed) -> None:
        """An attempt is over: it landed, is tried again, or has failed for good."""
        work = landed.work
        if landed.commit:
            self._landed[work.id] = landed
            self._log.ended(work.id, State.LANDED, landed.note, landed)
            self._keep(self._progress.head)
            others = any(self._duties.is_open(other) for other in self._works)
            if others and not work.iteration and not self._stopping:
                # the last lane to land is judged with the whole, at once
                self._duties.add([self._judge_duty(work.id, landed.commit)])
        elif self._stopping:
            self._log.ended(work.id, State.STOPPED, landed.problem)
        elif landed.problem == work.before or work.iteration or work.attempt >= self._attempts:
            self._fail(work.id, landed.problem)
        else:
            self._log.ended(work.id, State.WAITING, f"{landed.problem}; it is tried again")
            self._duties.add([self._work_duty(replace(work, attempt=work.attempt + 1, before=landed.problem))])

    def _fail(self, lane: str, problem: str) -> None:
        self._failed[lane] = problem
        self._log.ended(lane, State.FAILED, problem)

    def _judge_duty(self, name: str, commit: str) -> Duty:
        return Duty(_JUDGE + name, lambda say: self._hands.judge(name, commit, say))

    def _judged(self, head: str) -> Judgement:
        """The judgement of the whole."""
        self._judgements.append(Judgement(head, None, problem="it was not judged"))
        self._duties.add([self._judge_duty(WHOLE, head)])
        self._run()
        return self._judgements[-1]

    def _tell_judged(self, lane: str, judgement: Judgement) -> None:
        if lane == WHOLE:
            self._judgements[-1] = judgement
        else:
            self._beside.append(judgement)
        verdicts = judgement.report.verdicts if judgement.report else ()
        for stream in self._streams_of(_JUDGE + lane):
            mine = [v for v in verdicts if stream.pillar is Pillar.VALIDATION or PILLAR_OF.get(v.gate) is stream.pillar]
            self._log.ended(stream.id, state_of(mine, judgement), told(mine, stream.pillar) or judgement.problem)
        lines = tuple(f"{v.name}: {v.status}, {v.summary}" for v in verdicts) or (judgement.problem,)
        findings = sum(finding.blocks for verdict in verdicts for finding in verdict.findings)
        outcome = judgement.report.exit.name.lower() if judgement.report else Exit.COULD_NOT_CHECK.name.lower()
        self._log.tell(Judged(self._log.now, lane, judgement.commit, outcome, lines, findings, judgement.seconds))

    def _corrected(self, head: str) -> str:
        """The head after the fixers that need no model."""
        found = [head]

        def correct(say: object) -> None:
            found.append(self._hands.correct(head, lambda said: None))

        self._duties.add([Duty(_CORRECT, correct)])
        self._run()
        return found[-1]

    def _tell_joined(self, joined: Joined) -> None:
        conflicts = tuple(f"{lane}: {path}" for lane, path in joined.conflicts)
        self._log.tell(Integrated(self._log.now, joined.head, joined.lanes, conflicts, joined.seconds))

    def _keep(self, head: str) -> None:
        self._progress = replace(self._progress, head=head, landed=tuple(self._landed.values()))
        self._hands.keep(self._progress)

    def _ended(self, ending: Ending, head: str, reason: str, remaining: Sequence[str] = ()) -> Orchestrated:
        return Orchestrated(
            ending, head, reason, tuple(remaining), tuple(self._landed.values()), tuple(self._judgements),
            tuple(self._beside), tuple(self._log.spans), self._mended,
        )  # fmt: skip


def _words(trouble: Exception | None) -> str:
    if isinstance(trouble, GatekeeperError):
        return trouble.message
    return f"{type(trouble).__name__}: {trouble}" if trouble else ""
