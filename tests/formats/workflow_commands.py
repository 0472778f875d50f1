"""Reads a log as the runner of GitHub Actions does (ActionCommand.cs and ActionCommandManager.cs of actions/runner)."""

from __future__ import annotations

import re

COMMANDS = {
    "error", "warning", "notice", "debug", "group", "endgroup", "echo", "add-mask", "add-matcher", "remove-matcher",
    "stop-commands", "set-env", "add-path", "set-output", "save-state", "internal-set-repo-path",
}  # fmt: skip
_UNESCAPED = (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))


def commands(text):
    """The commands that take effect, as (name, properties, data)."""
    found, stop = [], None
    for line in re.split(r"\r\n|\r|\n", text):
        command = _second_form(line) or _first_form(line)
        if command is None:
            continue
        name = command[0]
        if stop is not None:
            stop = None if name == stop else stop
        elif name == "stop-commands":
            stop = command[2]
        else:
            found.append(command)
    assert stop is None, "commands were never resumed"
    return found


def _second_form(line):
    line = line.lstrip()
    match = re.match(r"::(?P<head>.*?)::(?P<data>.*)", line, re.DOTALL)
    return _command(match["head"], match["data"]) if match else None


def _first_form(line):
    match = re.search(r"##\[(?P<head>[^\]]*)\](?P<data>.*)", line)
    return _command(match["head"], match["data"]) if match and match["head"].split(" ")[0] in COMMANDS else None


def _command(head, data):
    name, _, rest = head.partition(" ")
    properties = {}
    for pair in rest.strip().split(","):  # the blanks around all of them go, those of a value stay
        key, sign, value = pair.partition("=")
        if key and sign and value:
            properties[key] = _plain(value)
    return name, properties, _plain(data, _UNESCAPED[2:])


def _plain(text, pairs=_UNESCAPED):
    for escaped, char in pairs:
        text = text.replace(escaped, char)
    return text
