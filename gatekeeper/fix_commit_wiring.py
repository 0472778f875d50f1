"""Lets the fixers of the policy correct a commit: what needs no judgement is done before any model is asked."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from gatekeeper.agents.local import LocalAgent
from gatekeeper.edges.commit_writer import write_commit
from gatekeeper.edges.git import Repository
from gatekeeper.edges.places import own_slot
from gatekeeper.edges.targets import range_target
from gatekeeper.fixers_wiring import Tally, look, run_fixers
from gatekeeper.formats.terminal_text import phrase

_TITLE = "Correct what the fixers of the project can"


@dataclass(frozen=True, slots=True)
class FixedCommit:
    """The commit that is to be worked on further, the same one where nothing was corrected.

    `by_file` names the fixers of each corrected file; `failures` says why a fixer could not be used.
    """

    commit: str
    by_file: tuple[tuple[str, tuple[str, ...]], ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What was done, on one line; empty where nothing was and nothing failed."""
        count = len(self.by_file)
        fixers = list(dict.fromkeys(name for _, names in self.by_file for name in names))
        done = [f"{', '.join(fixers)} corrected {count} file{'s' * (count != 1)}"] if count else []
        return phrase("; ".join((*done, *self.failures)))


class CommitFixers:
    """Corrects commits; `stop` ends what runs, from any thread, and nothing is started afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._agents: set[LocalAgent] = set()
        self._stopped = False

    def fix(self, repository: Repository, base: str, commit: str, trailer: str = "") -> FixedCommit:
        """Run the fixers over the files that differ between two commits, by the policy of `base`.

        What they correct becomes a commit on top of `commit`; no reference, index or working tree is touched. `trailer`
        are last lines for its message. Raises `UsageError` where a configuration is wrong.
        """
        ground = look(repository, range_target(repository, base, commit, _TITLE), {})
        with own_slot(repository.common_dir) as slot:
            agent = LocalAgent(time.monotonic(), slot.lock)
            with self._lock:
                self._agents.add(agent)
                if self._stopped:
                    agent.stop()
            try:
                tree, tally = run_fixers(ground, slot, agent)
            finally:
                with self._lock:
                    self._agents.discard(agent)
                agent.stop()
        if self._stopped or tree == ground.target.head_tree:
            return FixedCommit(commit, failures=tuple(tally.failures))
        message = f"{_TITLE}\n\n{_body(tally)}\n" + (f"\n{trailer.strip()}\n" if trailer.strip() else "")
        made = write_commit(repository, tree, (commit,), message)
        done = tuple((path, tuple(names)) for path, names in sorted(tally.by_file.items()))
        return FixedCommit(made, done, tuple(tally.failures))

    def stop(self) -> None:
        """End every fixer that runs."""
        with self._lock:
            self._stopped = True
            agents = list(self._agents)
        for agent in agents:
            agent.stop()


def _body(tally: Tally) -> str:
    """The fixers that changed something, with the number of files."""
    count: dict[str, int] = {}
    for names in tally.by_file.values():
        for name in names:
            count[name] = count.get(name, 0) + 1
    return "\n".join(f"- {phrase(name)}: {number} file{'s' * (number != 1)}" for name, number in count.items())
