"""Knows the threads in which we are at work ourselves: what is done there is done on behalf of no test."""

from __future__ import annotations

from _thread import get_ident
from contextlib import contextmanager
from typing import Iterator, Set


class Deaf:
    """The threads in which nothing is heard; others are heard meanwhile."""

    def __init__(self) -> None:
        self.threads: Set[int] = set()

    def is_here(self) -> bool:
        """Whether this thread is one of them."""
        return get_ident() in self.threads

    @contextmanager
    def here(self) -> Iterator[None]:
        """Hear nothing of this thread as long as this lasts."""
        number = get_ident()
        if number in self.threads:
            yield
            return
        self.threads.add(number)
        try:
            yield
        finally:
            self.threads.discard(number)
