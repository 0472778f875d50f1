"""Finds out which coding agents there are, and tries them on a small task with a model that follows a script."""

from __future__ import annotations

import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from gatekeeper.agent_templates import template_names
from gatekeeper.agents.coding import CodingAgents
from gatekeeper.edges.agent_environment import agent_environment
from gatekeeper.edges.process import Launch, Processes, run_quickly
from gatekeeper.formats.agent_templates import AgentCheck, Described, described_agents, described_template
from gatekeeper.formats.config_errors import meant
from gatekeeper.formats.placeholders import filled
from gatekeeper.formats.terminal_text import fit, phrase
from gatekeeper.inspectors.scripted_model import packed
from gatekeeper.model.agent_trial import Standing, Trial
from gatekeeper.model.errors import GatekeeperError, UsageError
from gatekeeper.model.frozen import replace
from gatekeeper.model.orchestration import Assignment, Worked

_VERSION_SECONDS = 30.0
_TRIAL_SECONDS = 180.0
_SERVER_SECONDS = 30.0
_GREETING = "greeting.txt"
_WORDS = "hello from the scripted model"
_EDIT = f"{_GREETING}\n<<<<<<< SEARCH\n=======\n{_WORDS}\n>>>>>>> REPLACE\n"
"""The last words of the script: for an agent without a shell they are the change itself."""


def known_agents(roster: Sequence[Mapping[str, Any]]) -> dict[str, tuple[Described, tuple[str, ...]]]:
    """Every agent with a program and its pillars: those of the setting `agents`, then the shipped templates."""
    known = {}
    for name, described in described_agents(roster).items():
        pillars = dict.fromkeys(str(entry["pillar"]) for entry in roster if entry["name"] == name)
        known[name] = (described, tuple(pillars))
    return {**{name: (described_template(name), ()) for name in template_names() if name not in known}, **known}


def look_for(roster: Sequence[Mapping[str, Any]]) -> tuple[Trial, ...]:
    """All known agents, and whether their programs are there; nothing but their versions is asked for."""
    known = known_agents(roster)
    with ThreadPoolExecutor(max_workers=8) as pool:
        return tuple(pool.map(lambda each: _look(*each), known.values()))


def try_out(roster: Sequence[Mapping[str, Any]], names: Iterable[str]) -> tuple[Trial, ...]:
    """The same for agents of these names, or without any for those that are configured or there, and try them.

    Each gets a repository and a home of its own in a temporary folder, no credentials, and the scripted model. Raises
    UsageError for an unknown name, GatekeeperError where the model cannot be started.
    """
    known = known_agents(roster)
    wanted = tuple(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            raise UsageError(f"there is no agent {name}; {meant(name, known)}", "gatekeeper agents lists all of them")
    looked = [_look(*known[name]) for name in wanted or known]
    looked = [trial for trial in looked if wanted or trial.pillars or trial.standing is not Standing.MISSING]
    if not any(trial.standing is Standing.FOUND and known[trial.name][0].check for trial in looked):
        return tuple(looked)
    with (
        tempfile.TemporaryDirectory(prefix="gatekeeper-agents-", ignore_cleanup_errors=True) as folder,
        _scripted_model() as url,
        _agents() as agents,
        ThreadPoolExecutor(max_workers=4) as pool,
    ):
        places = [Path(folder, str(number)) for number in range(len(looked))]
        tried = pool.map(lambda trial, place: _try(agents, known[trial.name][0], trial, url, place), looked, places)
        return tuple(tried)


def _look(described: Described, pillars: tuple[str, ...]) -> Trial:
    agent = described.agent
    trial = Trial(agent.name, Standing.MISSING, agent.template, pillars)
    environment = agent_environment(agent.environment, {})
    program = shutil.which(agent.argv[0], path=environment["PATH"])
    if program is None:
        hint = f"install it: {described.install}" if described.install else f"there is no program {agent.argv[0]}"
        return replace(trial, note=hint)
    version = ""
    if described.version and agent.argv[0] == described.version[0]:
        code, output, error = run_quickly(described.version, environment, _VERSION_SECONDS)
        version = _first_line(output) if code == 0 else ""
        if code:
            said = _first_line(error) or _first_line(output)
            note = f"`{' '.join(described.version)}` ended with exit code {code}: {said}"
            return replace(trial, standing=Standing.FAILS, program=program, note=note)
    return replace(trial, standing=Standing.FOUND, program=program, version=version)


def _try(agents: CodingAgents, described: Described, trial: Trial, url: str, place: Path) -> Trial:
    if trial.standing is not Standing.FOUND:
        return trial
    if described.check is None:
        return replace(trial, note="only looked for: its description has no part `check`")
    assignment = _assignment(described, described.check, url, place)
    worked = agents.work(assignment, lambda said: None)
    file = Path(assignment.worktree, _GREETING)
    done = file.is_file() and not file.is_symlink() and _WORDS in file.read_text("utf-8", "replace")
    trial = replace(trial, seconds=worked.seconds)
    if done and not worked.problem:
        return replace(trial, standing=Standing.WORKS)
    return replace(trial, standing=Standing.FAILS, note=_fault(worked, done, Path(assignment.scratch)))


def _assignment(described: Described, check: AgentCheck, url: str, place: Path) -> Assignment:
    """The task of a trial in a new repository; what the check names is filled in here, since it may ask for the URL."""
    worktree, scratch = place / "worktree", place / "scratch"
    for folder in (worktree, scratch, scratch / "home"):
        folder.mkdir(parents=True)
    base = _repository(worktree)
    script = packed([f"echo {_WORDS} > {_GREETING}"], _EDIT)
    prompt = f"Write the words `{_WORDS}` into the file {_GREETING}.\n{script}"
    values = {
        "url": url, "worktree": str(worktree), "scratch": str(scratch), "base": base,
        "prompt_file": str(scratch / "prompt.md"), "report": str(scratch / "report.json"), "prompt": "{prompt}",
    }  # fmt: skip

    def ready(text: str) -> str:
        text = filled(text, {**values, "prompt": "\0"}, f"the check of {described.agent.name}")
        return text.replace("{", "{{").replace("}", "}}").replace("\0", "{prompt}")

    for path, text in check.files:
        file = scratch / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(filled(text, values, f"the check of {described.agent.name}"), "utf-8")
    settings = {
        "HOME": str(scratch / "home"), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
        **dict(described.agent.settings), **{name: ready(text) for name, text in check.settings},
    }  # fmt: skip
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        settings.setdefault(name, f"{scratch}/home/{name.lower()}")
    agent = replace(
        described.agent,
        argv=tuple(map(ready, check.argv)) or described.agent.argv,
        environment=(),  # no credentials: a trial costs nothing
        settings=tuple(settings.items()),
        seconds_limit=_TRIAL_SECONDS,
        idle_limit=_TRIAL_SECONDS,
    )
    return Assignment("check", 1, agent, str(worktree), str(scratch), base, prompt, ("**",))


def _repository(folder: Path) -> str:
    """Make a repository with one commit in an empty folder and tell that commit."""
    (folder / "README.md").write_text("A small repository in which a coding agent is tried.\n", "utf-8")
    environment = agent_environment((), {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"})
    identity = ("-c", "user.name=Gatekeeper", "-c", "user.email=gatekeeper@localhost")
    said = ""
    for arguments in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        (*identity, "commit", "--quiet", "--no-verify", "--no-gpg-sign", "--message=Begin"),
        ("rev-parse", "HEAD"),
    ):
        code, said, error = run_quickly(("git", *arguments), environment, 60.0, str(folder))
        if code:
            raise GatekeeperError(f"a repository for the trial cannot be made: {phrase(error)}", "make sure git works")
    return said.strip()


def _fault(worked: Worked, done: bool, scratch: Path) -> str:
    """What went wrong, with what the agent said last."""
    what = worked.problem or "it ended in order, and the file that it should write is not there"
    if done:
        what = f"the work was done, but {worked.problem}"
    words = (
        worked.last_words or _first_line(_tail(scratch / "errors.log")) or _first_line(_tail(scratch / "output.log"))
    )
    return what if not words or words in what else f"{what}; it said: {words}"


def _tail(path: Path) -> str:
    return path.read_bytes()[-2000:].decode("utf-8", "replace") if path.is_file() else ""


def _first_line(text: str) -> str:
    return next((fit(phrase(line), 120) for line in text.splitlines() if line.strip()), "")


@contextmanager
def _agents() -> Iterator[CodingAgents]:
    agents = CodingAgents(time.monotonic())
    try:
        yield agents
    finally:
        agents.stop()


class _Address:
    """Hears the address on the first line that the server prints."""

    def __init__(self) -> None:
        self.known = threading.Event()
        self.text = b""

    def take(self, stream: str, chunk: bytes) -> None:
        """Take in what the server printed."""
        self.text += chunk if stream == "stdout" else b""
        if b"\n" in self.text:
            self.known.set()


@contextmanager
def _scripted_model() -> Iterator[str]:
    """The address of a scripted model, as long as the block lasts."""
    program = Path(__file__).parent / "inspectors" / "scripted_model.py"
    processes, address, over = Processes(), _Address(), threading.Event()

    def hold(pipe: IO[bytes] | None) -> None:
        """Keep its input open as long as it is wanted: should this process be killed, it ends too."""
        over.wait()
        if pipe is not None:
            pipe.close()

    launch = Launch((sys.executable, "-I", str(program)), "/", agent_environment((), {}), 24 * 3600.0, hold)
    thread = threading.Thread(target=processes.carry_out, args=(launch, address), daemon=True)
    thread.start()
    try:
        if not address.known.wait(_SERVER_SECONDS):
            raise GatekeeperError("the scripted model could not be started", f"try {sys.executable} {program}")
        yield address.text.decode().partition("\n")[0]
    finally:
        over.set()
        processes.stop()
        thread.join(10)
