"""What the default branch left is fetched, and nothing that anybody else could have written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.edges import forge_memory
from gatekeeper.edges.forge_memory import fetch_memory
from gatekeeper.model.errors import GatekeeperError, UsageError
from tests.contract.fake_forge import REPOSITORY, TOKEN, FakeForge, Fault
from tests.contract.fake_memory import MEMBER, NAME, NUMBER, SIGNED, FakeMemory, storing, zipped
from tests.contract.hands import Hands

TIP, OLDER, PROPOSED = "a" * 40, "b" * 40, "c" * 40
CONTENT = b"what was remembered"


@pytest.fixture
def memory(forge: FakeForge) -> Iterator[FakeMemory]:
    """The default branch was at two commits, and nothing has been left yet."""
    with storing(forge.memory) as memory:
        memory.arrive(OLDER)
        memory.arrive(TIP, kind="pr_merge")
        yield memory


@pytest.fixture
def fetch(forge: FakeForge, memory: FakeMemory, hands: Hands, tmp_path: Path) -> Callable[..., bytes]:
    """Fetches in a job on a pull request, and gives what came."""
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"repository": {"default_branch": "main"}}))

    def run(identity: str = "default", **other: str) -> bytes:
        environment = {
            "GITHUB_API_URL": forge.address, "GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REPOSITORY_ID": str(NUMBER), "GITHUB_RUN_ID": "90", "GITHUB_EVENT_NAME": "pull_request",
            "GITHUB_EVENT_PATH": str(event), "GITHUB_REF_NAME": "2/merge",
            "GITHUB_WORKFLOW_REF": f"{REPOSITORY}/.github/workflows/gatekeeper.yml@refs/pull/2/merge",
        }  # fmt: skip
        file = tmp_path / "memory.tgz"
        said = fetch_memory({**environment, **other}, file, identity, hands.clock)
        assert said.startswith("fetched what run ")
        return file.read_bytes()

    return run


def is_cold(fetch: Callable[..., bytes], why: str, tmp_path: Path, **other: str) -> None:
    with pytest.raises(GatekeeperError, match=why):
        fetch(**other)
    assert not (tmp_path / "memory.tgz").exists()


def test_the_newest_run_of_the_default_branch_that_left_something_is_taken(memory, fetch) -> None:
    memory.leave(memory.run(5, OLDER), zipped(b"older"))
    memory.leave(memory.run(6, OLDER, event="schedule"), zipped(CONTENT))
    memory.run(7, TIP)
    memory.leave(memory.run(8, TIP), zipped(b"another"), name="coverage")
    assert fetch() == CONTENT


def test_the_token_goes_to_the_forge_and_not_to_the_storage(memory, forge, fetch) -> None:
    memory.leave(memory.run(5, TIP), zipped(CONTENT))
    assert fetch() == CONTENT
    assert {seen.authorization for seen in forge.seen} == {f"Bearer {TOKEN}"}
    ((path, headers),) = memory.asked
    assert path == f"/100.zip{SIGNED}"
    assert "authorization" not in headers
    assert TOKEN not in str(headers)


@pytest.mark.parametrize(
    "other",
    [
        {"event": "pull_request"},
        {"event": "workflow_dispatch"},
        {"event": "pull_request_target"},
        {"head_branch": "changes"},
        {"head_sha": PROPOSED},
        {"head_repository": {"id": 666}},
        {"repository": {"id": 666}},
        {"id": 90},
        {"status": "in_progress"},
        {"path": ".github/workflows/other.yml"},
    ],
    ids=["pull", "by hand", "target", "branch", "never a tip", "fork", "other", "itself", "not ended", "other file"],
)
def test_a_run_that_somebody_else_could_have_started_is_not_asked(
    memory, fetch, tmp_path, other: dict[str, Any]
) -> None:
    """Neither where the forge leaves it out, nor where it would list it."""
    run = memory.run(5, TIP)
    full = {name: {**run[name], **value} if isinstance(value, dict) else value for name, value in other.items()}
    run.update(full)
    memory.leave(run, zipped(b"poison"))
    is_cold(fetch, "has left a memory", tmp_path)
    if "status" in other or "path" in other:
        return
    memory.act = listing_everything(memory, memory.act)
    is_cold(fetch, "has left a memory", tmp_path)


def listing_everything(memory: FakeMemory, act: Callable[[str], Any]) -> Callable[[str], Any]:
    """A forge that does not heed what it was asked for."""

    def answer(path: str) -> Any:
        if "/workflows/" in path:
            return 200, {"total_count": len(memory.runs), "workflow_runs": memory.runs}, {}
        return (200, memory.activities, {}) if "/activity?" in path else act(path)

    return answer


def test_a_tag_with_the_name_of_the_default_branch_is_none(memory, fetch, tmp_path) -> None:
    """Such a run is listed as one of a push to `main`, and ran what the pusher of the tag wanted."""
    memory.arrive(PROPOSED, ref="refs/tags/main")
    memory.arrive(PROPOSED, ref="refs/heads/changes")
    memory.leave(memory.run(5, PROPOSED), zipped(b"poison"))
    is_cold(fetch, "has left a memory", tmp_path)
    memory.act = listing_everything(memory, memory.act)
    is_cold(fetch, "has left a memory", tmp_path)


def test_a_commit_that_the_branch_was_deleted_at_is_none_that_it_came_to(memory, fetch, tmp_path) -> None:
    memory.arrive(PROPOSED, kind="branch_deletion")
    memory.leave(memory.run(5, PROPOSED), zipped(b"poison"))
    is_cold(fetch, "has left a memory", tmp_path)


@pytest.mark.parametrize("field", ["id", "repository_id", "head_repository_id", "head_sha"])
def test_an_artifact_of_another_run_is_not_taken(memory, fetch, tmp_path, field: str) -> None:
    artifact = memory.leave(memory.run(5, TIP), zipped(b"poison"))
    act = memory.act
    memory.act = lambda path: (200, {"total_count": 1, "artifacts": [artifact]}, {}) if "/runs/" in path else act(path)
    artifact["workflow_run"][field] = PROPOSED if field == "head_sha" else 666
    is_cold(fetch, "has left a memory", tmp_path)


@pytest.mark.parametrize("part", ["/activity", "/workflows/", "/runs/5/", "/zip"])
@pytest.mark.parametrize(("status", "why"), [(403, "answered 403"), (404, "answered 404")])
def test_without_permission_it_begins_cold_and_says_which(memory, forge, fetch, tmp_path, part, status, why) -> None:
    memory.leave(memory.run(5, TIP), zipped(CONTENT))
    forge.faults.append(Fault("GET", part, status, {"message": "Resource not accessible by integration"}))
    with pytest.raises(GatekeeperError, match=why) as told:
        fetch()
    assert "actions: read" in told.value.hint
    assert not (tmp_path / "memory.tgz").exists()
    assert memory.asked == []


def test_what_has_expired_is_not_there(memory, fetch, tmp_path) -> None:
    artifact = memory.leave(memory.run(5, TIP), zipped(CONTENT))
    memory.gone.add(artifact["id"])
    is_cold(fetch, "answered 410", tmp_path)
    artifact["expired"] = True
    is_cold(fetch, "not kept any more", tmp_path)
    assert memory.asked == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (zipped(CONTENT, "../gatekeeper-memory.tgz"), "is not gatekeeper-memory.tgz alone"),
        (zipped(CONTENT, "/etc/passwd"), "is not gatekeeper-memory.tgz alone"),
        (zipped(CONTENT, MEMBER, "more"), "is not gatekeeper-memory.tgz alone"),
        (zipped(CONTENT, MEMBER + "/"), "is not gatekeeper-memory.tgz alone"),
        (b"no zip", "cannot be unpacked"),
        (zipped(CONTENT)[:-30], "cannot be unpacked"),
        (
            zipped(b"x" * 9000).replace(b"gatekeeper-memory.tgz", b"gatekeeper-memory.tgz", 1)[:60] + bytes(90),
            "unpacked",
        ),
        (b"", "cannot be unpacked"),
    ],
)
def test_a_zip_that_is_not_what_a_run_leaves_is_refused(memory, fetch, tmp_path, content: bytes, why: str) -> None:
    memory.leave(memory.run(5, TIP), content)
    is_cold(fetch, why, tmp_path)


def test_an_encrypted_or_damaged_member_is_refused(memory, fetch, tmp_path) -> None:
    whole = zipped(bytes(range(256)) * 50)
    for place, value in ((6, 1), (60, 0xFF)):  # the flags of the member, and a byte of what is packed
        content = bytearray(whole)
        content[place] = value
        if place == 6:
            content[content.rindex(b"PK\x01\x02") + 8] = value
        memory.leave(memory.run(5, TIP), bytes(content))
        is_cold(fetch, "cannot be unpacked", tmp_path)


@pytest.mark.parametrize("size", ["told", "sent", "unpacked"])
def test_what_is_too_large_is_refused(memory, fetch, tmp_path, monkeypatch, size: str) -> None:
    monkeypatch.setattr(forge_memory, "_MOST", 2000)
    monkeypatch.setattr(forge_memory, "_LIMITS", forge_memory.Limits(answer=2000))
    content = {"told": b"", "sent": bytes(5000), "unpacked": zipped(bytes(100_000))}[size]
    memory.leave(memory.run(5, TIP), content, size_in_bytes=9999 if size == "told" else 10)
    is_cold(fetch, {"told": "more than", "sent": "more than 2,000 bytes", "unpacked": "too large"}[size], tmp_path)


@pytest.mark.parametrize("status", [302, 403, 404, 500])
def test_a_storage_that_does_not_give_it_is_not_followed_further(memory, fetch, tmp_path, status: int) -> None:
    memory.leave(memory.run(5, TIP), zipped(CONTENT))
    memory.status = status
    is_cold(fetch, f"localhost answered {status}", tmp_path)
    assert len(memory.asked) == 1


@pytest.mark.parametrize(
    "place", ["http://storage.example/x", "ftp://localhost/x", "https://user@localhost/x", "//x/y", ""]
)
def test_a_storage_that_could_be_overheard_is_not_asked(memory, forge, fetch, tmp_path, place: str) -> None:
    memory.leave(memory.run(5, TIP), zipped(CONTENT))
    forge.faults.append(Fault("GET", "/zip", 302, None, {"Location": place} if place else {}))
    is_cold(fetch, "encrypted" if place.startswith("http:") else "no address" if place else "answered 302", tmp_path)


def test_what_came_has_to_be_what_the_forge_said(memory, fetch, tmp_path) -> None:
    artifact = memory.leave(memory.run(5, TIP), zipped(CONTENT), digest=f"sha256:{'0' * 64}")
    is_cold(fetch, "not what the run left", tmp_path)
    artifact["digest"] = None
    assert fetch() == CONTENT


def test_each_id_has_a_memory_of_its_own(memory, fetch, tmp_path) -> None:
    memory.leave(memory.run(5, TIP), zipped(b"other"), name=NAME.replace("default", "py312"))
    assert fetch("py312") == b"other"
    for name in ("", "../x", "a b", "-x", "x" * 61):
        with pytest.raises(UsageError, match="cannot be the id"):
            fetch(name)


def test_a_schedule_names_no_repository(memory, fetch, tmp_path) -> None:
    memory.leave(memory.run(5, TIP), zipped(CONTENT))
    (tmp_path / "event.json").write_text('{"schedule": "0 0 * * *"}')
    is_cold(fetch, "does not name the default branch", tmp_path)
    assert fetch(GITHUB_EVENT_NAME="schedule", GITHUB_REF_NAME="main") == CONTENT


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("GITHUB_TOKEN", "", "no token"),
        ("GITHUB_REPOSITORY", "x", "no job of GitHub Actions"),
        ("GITHUB_REPOSITORY_ID", "", "no job of GitHub Actions"),
        ("GITHUB_WORKFLOW_REF", "", "no file of this repository"),
        ("GITHUB_WORKFLOW_REF", "other/rules/.github/workflows/gatekeeper.yml@refs/heads/main", "no file of this"),
        ("GITHUB_WORKFLOW_REF", f"{REPOSITORY}/.github/workflows/../../x.yml@refs/heads/main", "no file of this"),
        ("GITHUB_API_URL", "http://forge.example", "not encrypted"),
    ],
)
def test_where_it_cannot_be_asked_nothing_is_asked(memory, forge, fetch, tmp_path, name, value, why) -> None:
    is_cold(fetch, why, tmp_path, **{name: value})
    assert forge.seen == []


@pytest.mark.parametrize(
    "entries", [[None, 1, "x"], [{}], [{"id": [], "head_sha": {}, "event": [], "head_branch": []}]]
)
def test_odd_entries_of_lists_are_passed_over(memory, forge, fetch, tmp_path, entries: list[Any]) -> None:
    forge.checked = False
    memory.leave(memory.run(5, TIP), zipped(CONTENT))
    memory.runs[:0] = entries
    memory.activities[:0] = entries
    plain = memory.act

    def act(path: str) -> Any:
        if "/runs/" in path:
            return 200, {"artifacts": [*entries, *memory.artifacts]}, {}
        return plain(path) if "/zip" in path else listing_everything(memory, plain)(path)

    memory.act = act
    assert fetch() == CONTENT
