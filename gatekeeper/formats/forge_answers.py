"""Reads the answers of a forge: limits, next pages, refusals, comments, pull requests and check runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from gatekeeper.model.forge import Answer, ForgeCheck, ForgeComment, ForgeError, ForgePull

SECONDARY_WAIT = 60.0
"""Seconds to wait after a limit that names no time, as GitHub asks for."""

_NEXT = re.compile(r'<([^<>]*)>\s*(?:;[^,<>]*)?;\s*rel\s*=\s*"?next"?(?=\s*(?:[;,]|$))', re.IGNORECASE)
_PORTS = {"http": 80, "https": 443}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def limit_wait(answer: Answer, now: float) -> float | None:
    """Seconds until the request may be sent again (at least 1), or None where it was not refused for a rate limit.

    `now` is the time in seconds since 1970, for limits that end at a time of the clock.
    """
    if answer.status not in (403, 429):
        return None
    after = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", after):
        return max(1.0, float(after))
    if answer.headers.get("x-ratelimit-remaining", "").strip() == "0":
        reset = answer.headers.get("x-ratelimit-reset", "").strip()
        if re.fullmatch(r"[0-9]{1,12}", reset):
            return max(1.0, float(reset) - now + 1.0)
        return SECONDARY_WAIT
    if answer.status == 429 or "rate limit" in answer.text("message").lower():
        return SECONDARY_WAIT
    return None


def origin_of(address: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises ValueError for what is no plain http or https address."""
    parts = urlsplit(address)
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None or parts.password is not None:
        raise ValueError("not a plain http or https address")
    return parts.scheme, parts.hostname, parts.port or _PORTS[parts.scheme]


def is_private(address: str) -> bool:
    """Whether a token may be sent to an address: over https, or within this machine."""
    scheme, host, _ = origin_of(address)
    return scheme == "https" or host in _LOOPBACK


def next_page(answer: Answer, origin: tuple[str, str, int]) -> str | None:
    """Path and query of the page after this one; None after the last.

    Raises ForgeError for a next page on another origin: the token would go there.
    """
    found = _NEXT.search(answer.headers.get("link", ""))
    return same_origin_path(found.group(1), origin, "a next page") if found else None


def same_origin_path(address: str, origin: tuple[str, str, int], what: str) -> str:
    """Path and query of an address that an answer names (or only a path). Raises ForgeError for another origin."""
    try:
        parts = urlsplit(address)
        same = origin_of(address) == origin if parts.scheme or parts.netloc else parts.path.startswith("/")
    except ValueError:
        same = False
    if not same:
        raise ForgeError(
            f"the forge named {what} on another server ({_shown(address)}); nothing was sent there",
            "check GITHUB_API_URL: it has to be the address that the server itself uses",
        )
    return _path(parts)


def _path(parts: SplitResult) -> str:
    path = parts.path or "/"
    if re.search(r"[^!-~]", path + parts.query):
        raise ForgeError("the forge named an address with signs that no address has")
    return f"{path}?{parts.query}" if parts.query else path


def _shown(address: str) -> str:
    return re.sub(r"[^A-Za-z0-9.:/_-]", "?", address)[:100]


_WRITING = (
    "give the job `permissions: pull-requests: write`; the token of a pull request from a fork or of Dependabot can "
    "only read, and a job on `workflow_run` has to post for it (see docs/github.md)"
)


def refusal(answer: Answer, action: str, own_hints: Mapping[int, str] | None = None) -> ForgeError:
    """The error for an answer that is no success: what could not be done, why, and what would help.

    `own_hints` says by status what helps, where that is not what helps with comments.
    """
    status, said = answer.status, _words(answer)
    hints = {
        401: "the token is not valid; give the step that of the job: `GITHUB_TOKEN: ${{ github.token }}` under `env:`",
        404: "the token may not see this repository, or the pull request or comment does not exist",
        410: "comments of this pull request were switched off or removed",
        422: "this is a fault of Gatekeeper; please report the line above",
    }
    hint = hints.get(status, "")
    if status == 403:
        hint = _WRITING if "not accessible" in said.lower() else "the token may not do this; " + _WRITING
        if "locked" in said.lower():
            hint = "the conversation of the pull request is locked; unlock it to see comments there"
    if status >= 500:
        hint = "the forge has trouble; run the publishing job again later"
    hint = (own_hints or {}).get(status, hint)
    return ForgeError(f"{action}: the forge answered {status}{f' ({said})' if said else ''}", hint, status)


def _words(answer: Answer) -> str:
    """What an answer says of itself, with the details of a refused document, on one short line."""
    words = [answer.text("message")]
    errors = answer.document.get("errors") if isinstance(answer.document, Mapping) else None
    for error in errors[:3] if isinstance(errors, list) else ():
        detail = error.get("message") or error.get("code") if isinstance(error, Mapping) else error
        words.append(detail if isinstance(detail, str) else "")
    return re.sub(r"[^ -~]+", " ", "; ".join(word for word in words if word))[:300].strip()


def read_comment(entry: object) -> ForgeComment:
    """One comment of an answer; what was deleted has no author. Raises ForgeError for what is none."""
    if not isinstance(entry, Mapping) or not _is_number(entry.get("id")):
        raise ForgeError("the forge answered with something that is no comment")
    user = entry.get("user")
    login = user.get("login") if isinstance(user, Mapping) else None
    is_app = isinstance(user, Mapping) and user.get("type") == "Bot"
    body = entry.get("body")
    texts = [text if isinstance(text, str) else "" for text in (login, body)]
    return ForgeComment(entry["id"], texts[0], is_app, texts[1])


def read_check(entry: object) -> ForgeCheck:
    """One check run of an answer; what it lacks is empty. Raises ForgeError for what is none."""
    output = entry.get("output") if isinstance(entry, Mapping) else None
    count = output.get("annotations_count") if isinstance(output, Mapping) else None
    if not isinstance(entry, Mapping) or not isinstance(output, Mapping) or not _is_number(entry.get("id")):
        raise ForgeError("the forge answered with something that is no check run")
    if not isinstance(count, int) or count < 0:
        raise ForgeError("the forge answered with a check run that does not count its annotations")
    app = entry.get("app")
    return ForgeCheck(
        id=entry["id"],
        app=_text(app, "slug") if isinstance(app, Mapping) else "",
        name=_text(entry, "name"),
        external_id=_text(entry, "external_id"),
        conclusion=_text(entry, "conclusion"),
        title=_text(output, "title"),
        summary=_text(output, "summary"),
        annotations=count,
    )


def _text(entry: Mapping[str, object], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def read_pull(entry: object) -> ForgePull:
    """One pull request of an answer. Raises ForgeError for what is none."""
    try:
        number, state, sha, name = _fields(entry)
    except (KeyError, TypeError):
        raise ForgeError("the forge answered with something that is no pull request") from None
    if not _is_number(number) or not all(isinstance(text, str) for text in (state, sha, name)):
        raise ForgeError("the forge answered with something that is no pull request")
    return ForgePull(number, sha, name, state == "open")


def _fields(entry: object) -> tuple[int, str, str, str]:
    """Number, state, head and target repository, as they come."""
    if not isinstance(entry, Mapping):
        raise TypeError
    return entry["number"], entry["state"], entry["head"]["sha"], entry["base"]["repo"]["full_name"]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def entries_of(answer: Answer, under: str = "", most: int = 100) -> list[object]:
    """The entries of a page, which is the answer or its field `under`.

    Raises ForgeError for what is no list, or longer than a page can be.
    """
    document = answer.document
    page = document.get(under) if under and isinstance(document, Mapping) else document
    if not isinstance(page, list) or len(page) > most:
        raise ForgeError("the forge answered with something that is no page of a list")
    return page
