from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.formats.globs import matches


@pytest.mark.parametrize(
    ("patterns", "path", "taken"),
    [
        ((), "anything", True),
        (("src/**/*.py",), "src/a.py", True),
        (("src/**/*.py",), "src/x/y/a.py", True),
        (("src/**/*.py",), "lib/src/a.py", False),
        (("src/*.py",), "src/x/a.py", False),
        (("*.py",), "deep/down/a.py", True),
        (("/*.py",), "deep/a.py", False),
        (("./src/*.py",), "src/a.py", True),
        (("src",), "src/x/a.py", True),
        (("src",), "lib/src/a.py", True),
        (("src/",), "src/a.py", True),
        (("src/",), "src", False),
        (("src/",), "srcs/a.py", False),
        (("/src",), "lib/src/a.py", False),
        (("src/**",), "src/a/b", True),
        (("src/**",), "src", False),
        (("**",), "a/b", True),
        (("**/test",), "test", True),
        (("a/**/b",), "a/b", True),
        (("a/**/b",), "a/x/y/b", True),
        (("a/**/b",), "ab", False),
        (("*.py", "!test_*.py"), "src/test_a.py", False),
        (("*.py", "!test_*.py"), "src/a.py", True),
        (("*.py", "!gen/", "gen/keep.py"), "gen/keep.py", True),
        (("*.py", "!gen/"), "gen/a.py", False),
        (("!docs/**",), "docs/a.md", False),
        (("!docs/**",), "src/a.py", True),
        (("src/**/*.{ts,tsx}",), "src/a/b.tsx", True),
        (("src/**/*.{ts,tsx}",), "src/a/b.js", False),
        (("*.{t?,m*}",), "a.md", True),
        (("{a}",), "{a}", True),
        (("[ab].py",), "b.py", True),
        (("[!ab].py",), "b.py", False),
        (("[!ab].py",), "c.py", True),
        (("[]].py",), "].py", True),
        (("a[",), "a[", True),
        (("[z-a]",), "m", False),
        (("\\*.py",), "*.py", True),
        (("\\*.py",), "a.py", False),
        (("\\!a",), "!a", True),
        (("a?b",), "a/b", False),
        (("*",), "a\nb", True),
        (("a+(b)$",), "a+(b)$", True),
    ],
)
def test_matches(patterns: tuple[str, ...], path: str, taken: bool) -> None:
    assert matches(path, patterns) is taken


@given(st.lists(st.text(), max_size=4), st.text(max_size=50))
def test_no_pattern_is_too_odd(patterns: list[str], path: str) -> None:
    assert matches(path, patterns) in (True, False)


NAME = st.text("ab.", min_size=1, max_size=3).filter(lambda name: name.strip("."))
PATH = st.lists(NAME, min_size=1, max_size=4).map("/".join)


@given(PATH)
def test_a_plain_path_matches_itself_and_all_below(path: str) -> None:
    assert matches(path, [f"/{path}"])
    assert matches(f"{path}/more", [path])
    assert not matches(f"{path}x", [f"/{path}"])


@given(st.lists(PATH, min_size=1, max_size=3), PATH)
def test_what_is_taken_away_last_is_gone(patterns: list[str], path: str) -> None:
    assert not matches(path, [*patterns, f"!{path}"])


# Git itself reads "a**/b" otherwise than its manual says, so a doubled star only stands where it has a meaning.
SEGMENT = st.sampled_from(["a", "b", "**", "*", "?", "a*", "*b", "[ab]", "[!a]", "*.a", "a?", "\\*", "[]a]", "[a-b]b"])
PATTERN = st.builds(
    lambda start, parts, end: start + "/".join(parts) + end,
    st.sampled_from(["", "/"]),
    st.lists(SEGMENT, min_size=1, max_size=4),
    st.sampled_from(["", "/"]),
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("globs")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pattern=PATTERN, paths=st.sets(PATH, min_size=1, max_size=20))
def test_one_pattern_means_what_git_takes_it_for(repository: Path, pattern: str, paths: set[str]) -> None:
    (repository / ".git" / "info" / "exclude").write_text(pattern + "\n")
    known = sorted(paths)
    done = subprocess.run(
        ["git", "-C", str(repository), "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(known) + "\0", capture_output=True, text=True, check=False,
    )  # fmt: skip
    ignored = set(filter(None, done.stdout.split("\0")))
    assert {path for path in known if matches(path, [pattern])} == ignored
