"""The fake forge, whose every request and answer is held against GitHub's own description."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.fake_forge import FakeForge, serving
from tests.contract.hands import Hands


@pytest.fixture
def forge() -> Iterator[FakeForge]:
    """A forge with one open pull request, number 2; whatever is not as GitHub describes it fails the test."""
    with serving(FakeForge()) as fake:
        yield fake
    assert fake.violations == []


@pytest.fixture
def hands() -> Hands:
    """A clock that is turned by hand."""
    return Hands()
