"""Brings the one comment of a pull request up to date, and finds the pull request that a report belongs to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from gatekeeper.edges.forge import Forge
from gatekeeper.formats.comment_upsert import ACTIONS_BOT, Upsert, is_of_run, own_comments, plan_upsert
from gatekeeper.formats.forge_answers import read_comment, read_pull
from gatekeeper.model.comment_context import CommentContext
from gatekeeper.model.forge import ForgeComment, ForgeError, ForgePull, PublishTarget

_POSTS = 3
_SETTLING = 2.0  # an answer that was lost may stand for a comment that is still on its way


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one pull request, as one author sees them; `author` is "" where nobody said who that is.

    `stable` gives a body without what differs from run to run.
    """

    forge: Forge
    number: int
    context: CommentContext
    stable: Callable[[str], str]
    author: str = ""

    def foretell(self, body: str, may_create: bool) -> str:
        """What would be done now, in a few words; nothing is written."""
        plan = self._plan(body, may_create, self.author or self.writer())
        if plan.create:
            return "would post a comment"
        kept = f"would update comment {plan.keep}" if plan.patch else f"comment {plan.keep} says so already"
        return plan.said or "; ".join((kept, *(f"would remove comment {number}" for number in plan.delete)))

    def _plan(self, body: str, may_create: bool, author: str) -> Upsert:
        return plan_upsert(self._own(author), self.context, body, may_create, self.stable)

    def bring(self, body: str, may_create: bool) -> str:
        """Do what has to be done, and tell it in a few words. Raises ForgeError where the forge refuses."""
        author = self.author or self.writer()
        plan = self._plan(body, may_create, author)
        if not plan.create:
            return self._carry_out(plan, body)
        made = self._create(body, author)
        # whoever else wrote at the same time is seen now; so is an older comment, if the author is not who we thought
        plan = self._plan(body, True, made.author)
        done = self._carry_out(plan, body)
        return "posted the comment" if plan.keep in (0, made.id) and not plan.said else done

    def writer(self) -> str:
        """The login that the token writes as; a token of GitHub Actions may not ask, and writes as its bot."""
        try:
            login = self.forge.get("/user", "asking who the token belongs to").text("login")
        except ForgeError as error:
            if error.status not in (401, 403, 404):
                raise
            return ACTIONS_BOT
        return login or ACTIONS_BOT

    def _own(self, author: str) -> list[ForgeComment]:
        return own_comments(self._all(), self.context, author)

    def _all(self) -> Iterator[ForgeComment]:
        path = f"{self._issues}/{self.number}/comments?per_page=100"
        for page in self.forge.pages(path, "listing the comments"):
            yield from map(read_comment, page)

    def _create(self, body: str, author: str) -> ForgeComment:
        """Post exactly one comment, and give it; where the answer was lost, it is looked up before another try."""
        action, path = "posting the comment", f"{self._issues}/{self.number}/comments"
        for left in reversed(range(_POSTS)):
            try:
                return read_comment(self.forge.write("POST", path, {"body": body}, action).document)
            except ForgeError as error:
                if not error.lost:
                    raise
                self.forge.wait(_SETTLING, action)
                found = next((comment for comment in self._all() if is_of_run(comment, self.context, author)), None)
                if found:
                    return found
                if not left:
                    raise
        raise AssertionError  # the last round returns or raises

    def _carry_out(self, plan: Upsert, body: str) -> str:
        """Patch and delete; what another run deleted meanwhile is gone, as it should be."""
        if plan.patch:
            self.forge.write("PATCH", f"{self._issues}/comments/{plan.keep}", {"body": body}, "updating the comment")
        for number in plan.delete:
            try:
                self.forge.write("DELETE", f"{self._issues}/comments/{number}", None, "removing a second comment")
            except ForgeError as error:
                if error.status not in (404, 410):
                    raise
        done = plan.said or ("updated the comment" if plan.patch else "the comment says so already")
        extra = len(plan.delete)
        return f"{done}; removed {extra} more of the same" if extra else done

    @property
    def _issues(self) -> str:
        return f"/repos/{self.context.repository}/issues"


def find_pull(forge: Forge, target: PublishTarget) -> tuple[ForgePull | None, str]:
    """The open pull request whose head is the judged commit; or None, and why there is none to comment on."""
    short = target.head_sha[:7]
    if target.number:
        pull = read_pull(
            forge.get(f"/repos/{target.repository}/pulls/{target.number}", "reading the pull request").document
        )
        if not pull.is_open:
            return None, f"pull request {target.number} is closed"
        if pull.head_sha != target.head_sha:
            return None, f"pull request {target.number} has moved on to {pull.head_sha[:7]}; {short} was judged"
        return pull, ""
    query = f"head={quote(target.head, safe='')}&state=open&per_page=100"
    pages = forge.pages(f"/repos/{target.repository}/pulls?{query}", "looking for the pull request")
    pulls = [pull for page in pages for pull in map(read_pull, page) if _fits(pull, target)]
    if len(pulls) > 1:
        numbers = ", ".join(str(pull.number) for pull in pulls)
        return None, f"{short} is the head of several pull requests ({numbers}); it is not known which one was judged"
    return (pulls[0], "") if pulls else (None, f"no open pull request has {short} as its head")


def _fits(pull: ForgePull, target: PublishTarget) -> bool:
    same = pull.repository.lower() == target.repository.lower()
    return same and pull.is_open and pull.head_sha == target.head_sha
