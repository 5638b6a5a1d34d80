"""Being asked to stop, by signals and by threads."""

from __future__ import annotations

import os
import select
import signal
import threading

from loadgen.interrupts import Interrupts


def _readable(fd: int) -> bool:
    return bool(select.select([fd], [], [], 0)[0])


def test_each_signal_counts_and_wakes_the_loop() -> None:
    interrupts = Interrupts()
    before = signal.getsignal(signal.SIGTERM)
    try:
        with interrupts.on_signals():
            assert not _readable(interrupts.fd)
            os.kill(os.getpid(), signal.SIGTERM)
            os.kill(os.getpid(), signal.SIGINT)
            assert interrupts.asked == 2
            assert _readable(interrupts.fd)
            interrupts.drain()
            assert not _readable(interrupts.fd)
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        interrupts.close()


def test_off_the_main_thread_no_handler_is_installed() -> None:
    seen: list[object] = []

    def work() -> None:
        interrupts = Interrupts()
        with interrupts.on_signals():
            seen.append(signal.getsignal(signal.SIGTERM))
        interrupts.close()

    before = signal.getsignal(signal.SIGTERM)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_asking_wakes_from_another_thread() -> None:
    interrupts = Interrupts()
    thread = threading.Thread(target=interrupts.ask)
    thread.start()
    assert select.select([interrupts.fd], [], [], 10)[0]
    thread.join()
    assert interrupts.asked == 1
    interrupts.close()


def test_a_stop_that_comes_too_late_is_no_error() -> None:
    interrupts = Interrupts()
    interrupts.close()
    interrupts.ask()
    assert interrupts.asked == 1
