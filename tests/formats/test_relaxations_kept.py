"""A list of relaxations comes back as it was written, or not at all."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gatekeeper.formats import relaxations_kept
from gatekeeper.formats.relaxations_kept import basis_of, read_relaxations, write_relaxations
from gatekeeper.model.candidate import Target, TargetKind
from gatekeeper.model.change import Change, ChangeKind, FileChange, Hunk
from gatekeeper.model.policy_change import PolicyChange, Relaxed
from tests.strategies import names, texts

ONE = PolicyChange(Relaxed.TEST, "tests/test_a.py", 3, "skip: test_a", "", "skip")
FILE = FileChange("a.py", ChangeKind.MODIFIED, hunks=(Hunk(1, 1, 1, 1),), text="a = 2\n", base_text="a = 1\n")
CHANGE = Change("b" * 40, "h" * 40, (FILE,))
TARGET = Target(TargetKind.RANGE, CHANGE.base_tree, CHANGE.head_tree, "a range")

listed = st.lists(
    st.builds(
        PolicyChange, st.sampled_from(Relaxed), names, st.none() | st.integers(1, 10**9), texts, texts, texts,
        st.booleans(),
    )
)  # fmt: skip


@given(listed)
def test_any_list_comes_back(found: list[PolicyChange]) -> None:
    words = "\n".join(word for one in found for word in (one.path, one.what, one.before, one.after))
    assume(not re.search("[\\ud800-\\udbff][\\udc00-\\udfff]", words))  # JSON joins such halves
    text = write_relaxations(found)
    assert text.isascii()
    assert read_relaxations(text) == tuple(found)


ROW = json.loads(write_relaxations([ONE]))["relaxations"][0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "[" * 100_000,
        "{}",
        '{"relaxations": null}',
        '{"relaxations": 1}',
        '{"relaxations": "test"}',
        '{"relaxations": {"seven77": 1}}',
        *(
            json.dumps({"relaxations": [ROW, row]})
            for row in (
                ROW[:-1],
                [*ROW, ""],
                ["unheard of", *ROW[1:]],
                [[], *ROW[1:]],
                [ROW[0], None, *ROW[2:]],
                [*ROW[:2], "3", *ROW[3:]],
                [*ROW[:2], True, *ROW[3:]],
                [*ROW[:3], 1, *ROW[4:]],
                [*ROW[:4], None, *ROW[5:]],
                [*ROW[:5], [], ROW[6]],
                [*ROW[:6], 0],
                {},
            )
        ),
    ],
)
def test_what_is_no_list_is_none(text: str) -> None:
    assert read_relaxations(text) is None


def test_the_basis_is_all_that_the_list_is_made_from(monkeypatch: pytest.MonkeyPatch) -> None:
    def of(change: Change = CHANGE, target: Target = TARGET, *settings: PolicyChange) -> str:
        return basis_of(change, target, settings)

    assert of() == of(replace(CHANGE, message="other words"), replace(TARGET, title="another title"))
    files = [
        replace(FILE, path="caf\udce9.py"),
        replace(FILE, kind=ChangeKind.RENAMED, old_path="b.py"),
        replace(FILE, mode="100755"),
        replace(FILE, old_mode="100755"),
        replace(FILE, binary=True),
        replace(FILE, hunks=(Hunk(1, 1, 1, 1), Hunk(3, 0, 4, 1))),
        replace(FILE, text=None),
        replace(FILE, base_text=None),
    ]
    others = [
        *(of(replace(CHANGE, files=(file,))) for file in files),
        of(replace(CHANGE, files=(FILE, FILE))),
        of(replace(CHANGE, base_tree="c" * 40)),
        of(replace(CHANGE, head_tree="c" * 40)),
        of(CHANGE, replace(TARGET, kind=TargetKind.STAGED)),
        of(CHANGE, TARGET, ONE),
        of(CHANGE, TARGET, replace(ONE, held=True)),
    ]
    monkeypatch.setattr(relaxations_kept, "__version__", "99")
    assert len({of(), *others}) == len(others) + 1
