"""Who owns which paths."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.formats.codeowners import owner_line, read_codeowners

FILE = """
# everything
*            @org/all
/src/api/    @api @web   # two of them
docs/*       @writers
*.sql        data@example.invalid
src/api/free
!src/x       @nobody
[section]    @gitlab
"""


@pytest.mark.parametrize(
    ("path", "owners", "line"),
    [
        ("setup.py", ("@org/all",), 3),
        ("src/api/deep/a.py", ("@api", "@web"), 4),
        ("docs/a.md", ("@writers",), 5),
        ("docs/deep/a.md", ("@org/all",), 3),
        ("src/api/a.sql", ("data@example.invalid",), 6),
        ("src/api/free", (), 7),
    ],
)
def test_the_last_line_that_fits_decides(path: str, owners: tuple[str, ...], line: int) -> None:
    found = owner_line(path, read_codeowners(FILE))
    assert found is not None
    assert (found.owners, found.number) == (owners, line)


def test_a_path_of_nobody() -> None:
    assert owner_line("a.py", read_codeowners("docs/ @writers\n")) is None


@given(st.text(max_size=200), st.text(min_size=1, max_size=20))
def test_any_text_is_borne(text: str, path: str) -> None:
    owner_line(path, read_codeowners(text))
