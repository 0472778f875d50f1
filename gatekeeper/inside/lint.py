"""Runs pylint over chosen files of the head and of the base tree at once, and writes what it said as JSON.

The modules that both trees import from outside of the project are parsed once, then a child is forked for each tree;
the project's own modules are never in the parent, since parsing one module writes into the classes of others. A file is
always named by its absolute path: pylint takes `--init-hook=….py` for an option even behind `--`. Runs under the
project's interpreter, which may be older than Gatekeeper's own.
"""

# Paths are texts here, as pylint wants and compares them; pylint is imported when it is known to be there.

from __future__ import annotations

import gc
import glob
import json
import mmap
import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional

if TYPE_CHECKING:
    from gatekeeper.inside import lint_warm
    from gatekeeper.inside.lint_ground import (
        clean_path,
        compiled,
        find_configuration,
        has_formatter,
        read,
        survey,
        yield_to_the_tests,
    )
    from gatekeeper.inside.lint_listener import listener_for, row, run_class
    from gatekeeper.inside.lint_memory import Recorder, ground_of, leave, recall
    from gatekeeper.inside.lint_modules import Modules
    from gatekeeper.inside.lint_names import names_lying
else:
    import lint_warm
    from lint_ground import (
        clean_path,
        compiled,
        find_configuration,
        has_formatter,
        read,
        survey,
        yield_to_the_tests,
    )
    from lint_listener import listener_for, row, run_class
    from lint_memory import Recorder, ground_of, leave, recall
    from lint_modules import Modules
    from lint_names import names_lying

# Options that change how foreign modules are parsed: with them nothing may be parsed before pylint has read them.
_SHAPING = re.compile(r"load-plugins|load_plugins|init-hook|extension-pkg|unsafe-load|prefer-stubs")
_CRASHES = ("fatal", "astroid-error", "config-parse-error")
_CONFIGURATION = ("bad-plugin-value", "bad-configuration-section", "unrecognized-option", "unknown-option-value")
RECORDER = Recorder()
MODULES = Modules(RECORDER.note)

Json = Dict[str, Any]


def main() -> None:
    """Read the request, look at each side, and write the answer to the file that the request names."""
    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry) != folder]  # it is no library of the project
    asked = json.loads(sys.stdin.read())
    yield_to_the_tests()
    gc.disable()  # collecting takes a third of a run and frees a few megabytes
    clean_path(asked)
    configuration = find_configuration(asked["config_roots"])
    if len(sys.argv) > 1:
        side = next(side for side in asked["sides"] if side["name"] == sys.argv[1])
        RECORDER.start()
        look(asked, side, configuration, lambda done: None)
        return
    import pylint

    ground = survey(asked)
    known = remembered(asked, configuration)
    sides = [side for side in asked["sides"] if side["name"] not in known]
    answer = {
        "python": list(sys.version_info[:3]),
        "pylint": pylint.__version__,
        "configuration": configuration,
        "formatter": any(has_formatter(root) for root in asked["config_roots"]),
        "third_party": ground.third_party,
        "unresolved": ground.unresolved,
        "sides": {**known, **(looked_at(asked, sides, configuration, ground.foreign) if sides else {})},
    }
    with open(asked["output"], "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


def remembered(asked: Json, configuration: str) -> Json:
    """What is remembered of the sides and still holds; notes on what ground the others will stand."""
    known = {}
    for side in asked["sides"]:
        with suppress(Exception):  # what cannot be remembered is looked at
            if side.get("made"):
                side["ground"] = ground_of(asked, side, configuration)
                answer = recall(asked, side, side["ground"])
                if answer is not None:
                    known[side["name"]] = answer
    return known


def looked_at(asked: Json, sides: List[Json], configuration: str, foreign: List[str]) -> Json:
    """What pylint says of these sides: through the warm server where one can look for us, else from cold."""
    key = "" if _SHAPING.search(read(configuration) or "") else lint_warm.key_of(asked)
    if not key:
        return look_at_all(asked, sides, configuration, foreign)
    asking = lint_warm.ask(asked, sides, configuration, foreign, key)
    sys.stderr.write(asking.said + "\n")
    if asking.done and all(os.path.exists(_left(asked, side)) for side in sides):
        answers = {side["name"]: _gathered(asked, side) for side in sides}
    else:
        asking = asking._replace(done=False)
        answers = look_at_all(asked, sides, configuration, foreign)
    lint_warm.begin(asked, key, asking)
    return answers


def look_at_all(asked: Json, sides: List[Json], configuration: str, foreign: List[str]) -> Json:
    """What pylint says of these sides: at once where the system can fork, one after the other where not."""
    import pylint.lint

    if not (hasattr(os, "fork") and asked.get("fork", True)):
        text = json.dumps(asked).encode()
        for side in sides:
            subprocess.run([sys.executable, os.path.abspath(__file__), side["name"]], input=text, check=False)
        return {side["name"]: _gathered(asked, side) for side in sides}
    pylint.lint.PyLinter().load_default_plugins()
    RECORDER.start()
    ours = names_lying(asked)
    if asked.get("warm"):
        MODULES.serve(ours)
    if not _SHAPING.search(read(configuration) or ""):
        path = list(sys.path)
        warm([name for name in foreign if name.partition(".")[0] not in ours], ours.__contains__)
        sys.path[:] = path
    gc.freeze()
    for pid in fork_sides(asked, sides, configuration):
        os.waitpid(pid, 0)
    return {side["name"]: _gathered(asked, side) for side in sides}


def fork_sides(asked: Json, sides: List[Json], configuration: str) -> List[int]:
    """Fork a child for each side that looks at it, leaves its answer, and ends; tells their numbers."""
    counts = mmap.mmap(-1, 4 * len(sides))
    children = []
    for place, side in enumerate(sides):
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            _child(asked, side, configuration, _teller(counts, place, sum(len(s["files"]) for s in sides)))
        children.append(pid)
    return children


def warm(names: List[str], is_ours: Callable[[str], bool]) -> None:
    """Parse foreign modules, so that every child has them; one that pulls in the project's own modules is left out.

    What was not found is looked up again by a child, whose path has the roads to the project.
    """
    from astroid.manager import AstroidManager  # type: ignore[import-untyped]

    manager = AstroidManager()
    for _ in range(4):
        culprit = _parse_until_ours(manager, names, is_ours)
        if culprit is None:
            break
        names.remove(culprit)
        MODULES.drop()
        manager.clear_cache()
    for asked_for, found in list(manager._mod_file_cache.items()):
        if isinstance(found, Exception):
            del manager._mod_file_cache[asked_for]


def _parse_until_ours(manager: Any, names: List[str], is_ours: Callable[[str], bool]) -> Optional[str]:
    known = {"", "builtins"}
    for name in names:
        with suppress(Exception):  # what astroid cannot read here, pylint will meet again and report
            manager.ast_from_module_name(name)
        asked_for = {key[0].partition(".")[0] for key in manager._mod_file_cache}
        asked_for |= {key.partition(".")[0] for key in manager.astroid_cache}
        if any(is_ours(top) for top in asked_for - known):
            return name
        known |= asked_for
    return None


def look(asked: Json, side: Json, configuration: str, tell: Callable[[int], None]) -> None:
    """Run pylint over one side, in its own folder and with its own import roots, and leave what it said in a file."""
    sys.dont_write_bytecode = True  # a plugin of the project may be imported, and its folder is not ours to write
    os.chdir(side["root"])
    sys.path[:0] = side["roots"]
    files = side["files"]
    listener = listener_for({os.path.normpath(file): place for place, file in enumerate(files)}, tell)
    problem = ""
    try:
        run_class()([*_options(asked, side, configuration), *files], reporter=listener, exit=False)
    except SystemExit as stop:
        problem = "pylint stopped with exit code %s" % stop.code if stop.code else ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it means that nothing was seen
        problem = "pylint crashed: %s: %s" % (type(error).__name__, error)
    dropped = set(asked["ignore"])
    rows, notes = [], []
    for message in listener.heard:
        if message.symbol in _CRASHES:
            problem = problem or "pylint crashed on %s: %s" % (message.path, message.msg)
        elif message.symbol in _CONFIGURATION:
            notes.append("pylint: " + message.msg)
        elif built := compiled(message.symbol, message.msg, side["roots"]):
            notes.append("pylint does not see into the compiled module " + built)
        elif not {message.symbol, message.msg_id} & dropped:
            rows.append(row(message, listener.places))
    answer = {
        "messages": sorted((row for row in rows if row["file"] is not None), key=_place),
        "looked": sorted(listener.looked),
        "problem": problem[:4000],
        "notes": sorted(set(notes)),
    }
    leave(asked, side, RECORDER, MODULES.asked, answer)
    lint_warm.note_made(asked, side, MODULES.made)
    with open(_left(asked, side), "w", encoding="utf-8") as stream:
        json.dump(answer, stream)


def _options(asked: Json, side: Json, configuration: str) -> List[str]:
    off = [*asked["always_off"], *([] if configuration else asked["profile_off"])]
    roots = [glob.escape(root) for root in side["roots"] if "," not in root]
    options = ["--rcfile=" + (configuration or os.devnull), "-j1", "--persistent=n", "--reports=n", "--score=n"]
    options += ["--recursive=n", "--disable=" + ",".join(off)] + ["--errors-only"] * bool(asked.get("errors_only"))
    return options + (["--source-roots=" + ",".join(roots)] if roots else [])


def _place(row: Json) -> List[Any]:
    """Where a message stands in the answer: pylint tells some in the order of addresses, which is none."""
    return [row["file"], row["line"] or 0, row["column"] or 0, row["messageId"], row["obj"], row["message"]]


def _teller(counts: mmap.mmap, place: int, total: int) -> Callable[[int], None]:
    """Tells how far all children are together, five times a second at most; they share the memory `counts`."""
    last = [0.0]

    def tell(done: int) -> None:
        counts[4 * place : 4 * place + 4] = done.to_bytes(4, "big")
        if time.monotonic() - last[0] > 0.2:
            last[0] = time.monotonic()
            done_by_all = sum(int.from_bytes(counts[at : at + 4], "big") for at in range(0, len(counts), 4))
            line = json.dumps({"text": "pylint", "done": min(done_by_all, total), "total": total})
            os.write(1, ("::gatekeeper %s\n" % line).encode())

    return tell


def _child(asked: Json, side: Json, configuration: str, tell: Callable[[int], None]) -> None:
    code = 1
    try:
        look(asked, side, configuration, tell)
        code = 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _left(asked: Json, side: Json) -> str:
    return "%s.%s" % (asked["output"], side["name"])


def _gathered(asked: Json, side: Json) -> Json:
    """What a side left behind; a side that left nothing has a problem to tell."""
    text = read(_left(asked, side))
    if text is None:
        return {
            "messages": [],
            "looked": [],
            "problem": "pylint ended without an answer for the %s side" % side["name"],
            "notes": [],
        }
    answer: Json = json.loads(text)
    return answer


if __name__ == "__main__":
    main()
