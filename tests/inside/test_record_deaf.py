"""Who is at work in one thread is heard of in all others."""

from __future__ import annotations

from threading import Barrier, Thread

from gatekeeper.inside.record_deaf import Deaf


def test_one_thread_is_deaf_and_the_others_are_not() -> None:
    deaf = Deaf()
    with deaf.here():
        with deaf.here():
            assert deaf.is_here()
        assert deaf.is_here(), "the outer one goes on"
        heard: list[bool] = []
        other = Thread(target=lambda: heard.append(deaf.is_here()))
        other.start()
        other.join()
    assert heard == [False]
    assert not deaf.is_here()


def test_threads_that_take_turns_leave_nobody_deaf() -> None:
    deaf, together, still = Deaf(), Barrier(4), []

    def work() -> None:
        together.wait()
        for _ in range(2000):
            with deaf.here():
                assert deaf.is_here()
            still.append(deaf.is_here())

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(still) == 8000
    assert not any(still)
    assert not deaf.threads
