"""What somebody reads who has mistyped a command line, or asks for help in a narrow terminal."""

from __future__ import annotations

import pytest

from gatekeeper.cli.main import main


@pytest.mark.parametrize(
    ("arguments", "words", "hint"),
    [
        (["rnu"], "invalid choice: 'rnu'; did you mean `run`?", "see `gatekeeper --help`"),
        (["frobnicate"], "invalid choice: 'frobnicate'; choose from run, config,", "see `gatekeeper --help`"),
        ([], "required: COMMAND", "see `gatekeeper --help`"),
        (["run", "foo"], "unrecognised argument: foo", "see `gatekeeper run --help`"),
        (["run", "a", "b"], "unrecognised arguments: a b", "see `gatekeeper run --help`"),
        (["run", "--stagde"], "unrecognised argument: --stagde; did you mean `--staged`?", "`gatekeeper run --help`"),
        (["run", "--stagde=x"], "unrecognised argument: --stagde=x; did you mean `--staged`?", "run --help`"),
        (
            ["run", "--format", "xml"],
            "argument --format: invalid choice: 'xml'; choose from github, json,",
            "run --help",
        ),
        (["plan", "--type", "foo"], "'foo'; choose from feature, bugfix, refactor,", "see `gatekeeper plan --help`"),
        (["run", "--jobs", "0"], "argument --jobs: at least 1 job has to run", "see `gatekeeper run --help`"),
        (["cache", "siez"], "did you mean `size`?", "see `gatekeeper cache --help`"),
        (["cache", "size", "x"], "unrecognised argument: x", "see `gatekeeper cache size --help`"),
        (["hook"], "required: NAME", "see `gatekeeper hook --help`"),
    ],
)
def test_a_mistyped_line_is_told_in_two_lines_with_the_next_step(
    arguments: list[str], words: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    message, step = capsys.readouterr().err.splitlines()
    assert message.startswith("gatekeeper: ")
    assert words in message
    assert step.startswith("  ")
    assert hint in step


@pytest.mark.parametrize("columns", [60, 80, 200])
@pytest.mark.parametrize("command", ["run", "audit", "config", "publish"])
def test_the_prose_of_help_keeps_to_the_terminal(
    command: str, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    with pytest.raises(SystemExit):
        main([command, "--help"])
    prose = capsys.readouterr().out.partition("\n\n")[2].partition("\noptions:")[0].partition("\npositional")[0]
    assert prose.strip()
    assert max(len(line) for line in prose.splitlines()) <= min(columns, 120)


def test_what_is_indented_in_help_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "  gatekeeper run --gate tests        only one gate\n" in capsys.readouterr().out
