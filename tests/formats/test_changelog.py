"""Which paths are changelogs."""

from __future__ import annotations

import pytest

from gatekeeper.formats.changelog import is_changelog

YES = (
    "CHANGES.rst",
    "CHANGELOG",
    "changelog.md",
    "docs/changelog.md",
    "NEWS.txt",
    "HISTORY.rst",
    "docs/release-notes.md",
    "docs/whats_new.rst",
    "docs/upgrading.rst",
    "changelog.d/1541.change.md",
    "changelog/617.bugfix.rst",
    "news/12.feature",
    "newsfragments/3.misc",
    ".changeset/a.md",
    "docs/releases/2.0.txt",
)
NO = (
    "README.md",
    "docs/api.rst",
    "src/pkg/history.py",
    "src/pkg/changes/model.py",
    "news.py",
    "docs/newsletter.md",
    "src/changelog.py",
)


@pytest.mark.parametrize("path", YES)
def test_a_changelog(path: str) -> None:
    assert is_changelog(path)


@pytest.mark.parametrize("path", NO)
def test_no_changelog(path: str) -> None:
    assert not is_changelog(path)


def test_an_own_folder() -> None:
    assert is_changelog("misc/notes/12.feature", "misc/notes")
    assert not is_changelog("misc/notes/.gitignore", "misc/notes")
