"""Brings the check run of a commit up to date, as the GitHub App that a token belongs to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from gatekeeper.edges.forge import Forge
from gatekeeper.formats.check_run import BATCH, CheckRun, own_checks, plan_check
from gatekeeper.formats.forge_answers import read_check
from gatekeeper.model.forge import ForgeCheck, ForgeError

HINTS = {
    401: "GATEKEEPER_APP_TOKEN is not valid; a token of an app lasts an hour: make it in the job that publishes",
    403: "GATEKEEPER_APP_TOKEN has to be a token of a GitHub App that may write checks (`checks: write`) in this "
    "repository; a token of a job or of a person is none",
    404: "the app is not installed on this repository, or the commit is not there",
    422: "if the commit is in this repository, this is a fault of Gatekeeper; please report the line above",
}
"""What helps against a refusal, by its status."""

_TRIES = 3
_SETTLING = 2.0  # an answer that was lost may stand for a run that is still on its way


@dataclass(frozen=True, slots=True)
class Checks:
    """The check runs of one name on one commit, as one app (its short name, as in github.com/apps/NAME) makes them."""

    forge: Forge
    repository: str
    app: str

    def foretell(self, wanted: CheckRun) -> str:
        """What would be done now, in a few words; nothing is written."""
        plan = plan_check(self._own(wanted), wanted)
        return plan.said or ("would make a check run" if plan.create else f"would update check run {plan.keep}")

    def bring(self, wanted: CheckRun) -> str:
        """Do what has to be done, and tell it in a few words. Raises ForgeError where the forge refuses."""
        plan = plan_check(self._own(wanted), wanted)
        if plan.said:
            return plan.said
        number, start = plan.keep, plan.start
        if plan.create:
            number, start = self._create(wanted).id, BATCH
        if not plan.create and start >= len(wanted.annotations):
            self.forge.write("PATCH", self._path(number), wanted.document(start), "updating the check run")
        for first in range(start, len(wanted.annotations), BATCH):
            self._append(number, wanted, first)
        return f"{'made' if plan.create else 'updated'} the check run"

    def _own(self, wanted: CheckRun) -> list[ForgeCheck]:
        return own_checks(self._all(wanted), wanted, self.app)

    def _all(self, wanted: CheckRun) -> Iterator[ForgeCheck]:
        query = f"check_name={quote(wanted.name, safe='')}&filter=all&per_page=100"
        path = f"/repos/{self.repository}/commits/{wanted.head_sha}/check-runs?{query}"
        for page in self.forge.pages(path, "listing the check runs", "check_runs"):
            yield from map(read_check, page)

    def _create(self, wanted: CheckRun) -> ForgeCheck:
        """Make exactly one run, with the first batch; where the answer was lost, it is looked up before another try."""
        action, path = "making the check run", f"/repos/{self.repository}/check-runs"
        document = {"name": wanted.name, "head_sha": wanted.head_sha, **wanted.document(0)}
        for left in reversed(range(_TRIES)):
            try:
                return self._ours(read_check(self.forge.write("POST", path, document, action).document))
            except ForgeError as error:
                if not error.lost:
                    raise
                self.forge.wait(_SETTLING, action)
                found = [check for check in self._own(wanted) if check.external_id == wanted.external_id]
                if found:
                    return found[-1]
                if not left:
                    raise
        raise AssertionError  # the last round returns or raises

    def _ours(self, made: ForgeCheck) -> ForgeCheck:
        if made.app.lower() != self.app.lower():
            raise ForgeError(
                f"the check run was made by the app {made.app or 'without a name'!r}, and not by {self.app!r}",
                "give --app and GATEKEEPER_APP_TOKEN of the same app; what the token of a job makes can land anywhere",
            )
        return made

    def _append(self, number: int, wanted: CheckRun, first: int) -> None:
        """Add a batch exactly once; where the answer was lost, the annotations are counted before another try."""
        action = "adding annotations to the check run"
        for left in reversed(range(_TRIES)):
            try:
                self.forge.write("PATCH", self._path(number), wanted.document(first), action, once=True)
            except ForgeError as error:
                if not error.lost:
                    raise
                self.forge.wait(_SETTLING, action)
                there = read_check(self.forge.get(self._path(number), "reading the check run").document).annotations
                if there > first:
                    return
                if not left:
                    raise
            else:
                return

    def _path(self, number: int) -> str:
        return f"/repos/{self.repository}/check-runs/{number}"
