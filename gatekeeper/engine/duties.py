"""Carries out duties in threads, each as soon as what it needs is over, and tells one thread of everything."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

_TICK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to be done by somebody: `run` may take long, and gets a function to tell its news.

    `needs` are ids of duties that have to be over before, however they ended. `prepare` is called just before, on the
    thread that owns the duties; those that start together are all prepared first. Of several that are ready the one
    with the greatest `urgency` starts first.
    """

    id: str
    run: Callable[[Callable[[object], None]], Any]
    needs: tuple[str, ...] = ()
    urgency: float = 0.0
    prepare: Callable[[], None] = lambda: None


@dataclass(frozen=True, slots=True)
class Done:
    """A duty is over, with what it came to; `trouble` is the error that it ended with instead."""

    id: str
    result: Any = None
    trouble: Exception | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What a duty told."""

    id: str
    said: object


class Duties:
    """Up to `slots` duties at a time; all its methods belong to one thread, workers touch nothing but a queue."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._pool = ThreadPoolExecutor(slots, thread_name_prefix="duty")
        self._queue: queue.SimpleQueue[Done | News] = queue.SimpleQueue()
        self._waiting: dict[str, Duty] = {}
        self._running: set[str] = set()

    @property
    def at_work(self) -> bool:
        """Whether anything is running or waits for its turn."""
        return bool(self._running or self._waiting)

    def is_open(self, duty: str) -> bool:
        """Whether a duty is known and not over yet."""
        return duty in self._running or duty in self._waiting

    def add(self, duties: Iterable[Duty]) -> None:
        """Take in further duties; one of the same id may come again when it is over."""
        for duty in duties:
            self._waiting[duty.id] = duty

    def start_ready(self) -> tuple[str, ...]:
        """Prepare and start all that can be started now; tells their ids in order."""
        ready = [d for d in self._waiting.values() if not any(self.is_open(need) for need in d.needs)]
        ready.sort(key=lambda duty: -duty.urgency)
        chosen = ready[: self._slots - len(self._running)]
        prepared = []
        for duty in chosen:
            del self._waiting[duty.id]
            self._running.add(duty.id)
            try:
                duty.prepare()
            except Exception as error:  # noqa: BLE001 - as if the duty itself had failed
                self._queue.put(Done(duty.id, trouble=error))
            else:
                prepared.append(duty)
        for duty in prepared:
            self._pool.submit(_carry_out, duty, self._queue.put)
        return tuple(duty.id for duty in prepared)

    def next(self) -> Done | News | None:
        """Wait for the next piece of news, for a moment at the most; None if there was none."""
        try:
            news = self._queue.get(timeout=_TICK_SECONDS)
        except queue.Empty:
            return None
        if isinstance(news, Done):
            self._running.discard(news.id)
        return news

    def close(self) -> list[Done]:
        """Start nothing more and wait for what runs; tells how it ended."""
        self._waiting.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)
        ended = []
        while not self._queue.empty():
            news = self._queue.get()
            if isinstance(news, Done):
                ended.append(news)
        return ended


def _carry_out(duty: Duty, put: Callable[[Done | News], None]) -> None:
    try:
        result = duty.run(lambda said: put(News(duty.id, said)))
    except Exception as error:  # noqa: BLE001 - the one who owns the duties decides what it means
        put(Done(duty.id, trouble=error))
        return
    put(Done(duty.id, result))
