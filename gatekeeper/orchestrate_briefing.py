"""Remembers what was seen on the way of an orchestration, and tells each agent what it has to know of it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from gatekeeper.edges.git import Repository
from gatekeeper.formats.agent_prompt import Side, Situation, prompt_of
from gatekeeper.model.orchestration import Work
from gatekeeper.model.plan import ChangePlan, Phase

_LARGEST_SIDE = 256 << 10


class Briefing:
    """Writes prompts for one orchestration of a plan on the commit `base`; any thread may use it."""

    def __init__(self, repository: Repository, plan: ChangePlan, base: str) -> None:
        self._repository, self._plan, self._base = repository, plan, base
        self._baselines: list[str] = []
        self._clashes: dict[str, tuple[str, str]] = {}
        self._tried: list[tuple[frozenset[str], str]] = []
        self._lock = threading.Lock()

    def note_baseline(self, lines: Sequence[str]) -> None:
        """How files stood before any agent came."""
        with self._lock:
            self._baselines += lines

    def note_attempt(self, work: Work, words: str) -> None:
        """What came of an attempt to mend findings."""
        with self._lock:
            if work.findings:
                self._tried.append((frozenset(finding.fingerprint for finding in work.findings), words))

    def note_clash(self, lane: str, theirs: str, mine: str) -> None:
        """The work of a lane could not be joined: the commit of the others, and its own."""
        with self._lock:
            self._clashes[lane] = (theirs, mine)

    def prompt(self, work: Work, limit: int) -> str:
        """What the agent is told; `limit` is how often findings may be mended."""
        plan = self._plan
        stream = next((w for w in plan.workstreams if w.id == work.id), None)
        owners = tuple((w.title, w.scope) for w in plan.workstreams if w.phase is Phase.WORK and w.id != work.id)
        mine = frozenset(finding.fingerprint for finding in work.findings)
        with self._lock:
            baseline = tuple(self._baselines)
            tried = tuple(words for prints, words in self._tried if prints & mine)
        situation = Situation(
            plan.title, "" if work.findings else work.title, plan.classification.kind, owners, baseline, tried, limit,
            self._base,
        )  # fmt: skip
        criteria = tuple(criterion.text for criterion in stream.criteria) if stream else ()
        return prompt_of(work, situation, criteria, self._sides(work))

    def _sides(self, work: Work) -> tuple[Side, ...]:
        """Both sides of the conflict that has made the work necessary again."""
        if work.id not in self._clashes or not work.conflict:
            return ()
        sides = []
        for commit, who in zip(self._clashes[work.id], ("the others", "your first version"), strict=True):
            objects = self._repository.objects(self._repository.tree(commit))
            for path in work.conflict:
                content = self._repository.contents([objects[path]], _LARGEST_SIDE)[0] if path in objects else None
                text = None if content is None else content.decode("utf-8", "replace")
                sides.append(Side(path, who, text))
        return tuple(sides)
