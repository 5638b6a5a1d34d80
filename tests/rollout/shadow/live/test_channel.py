"""Values between processes: whole, in order, and refused when the reader is behind."""

from __future__ import annotations

import asyncio
import socket

import pytest

from rollout.shadow.live.channel import Frames, Receiver, Sender, frame

VALUES = [("a", 1), b"x" * 100_000, None, {"n": [1, 2]}]


@pytest.mark.parametrize("step", [1, 7, 4_096, 1_000_000])
def test_values_come_out_of_any_pieces(step: int) -> None:
    wire = b"".join(map(frame, VALUES))
    frames = Frames()
    got = [
        value
        for start in range(0, len(wire), step)
        for value in frames.feed(wire[start : start + step])
    ]
    assert got == VALUES


@pytest.mark.parametrize("gather_s", [0.0, 0.001, 600.0])
def test_values_reach_the_other_end_and_the_end_is_told(gather_s: float) -> None:
    async def run() -> list[object]:
        got: list[object] = []
        ended = asyncio.Event()
        ours, theirs = socket.socketpair()
        loop = asyncio.get_running_loop()
        sender = Sender(1_000_000, gather_s=gather_s)
        await loop.create_unix_connection(lambda: Receiver(got.append, ended.set), sock=theirs)
        await loop.create_unix_connection(lambda: sender, sock=ours)
        assert all(sender.send(value) for value in VALUES)
        await sender.drain(10)
        sender.close()
        await asyncio.wait_for(ended.wait(), 10)
        return got

    assert asyncio.run(run()) == VALUES


@pytest.mark.parametrize("gather_s", [0.0, 600.0])
def test_a_reader_that_is_behind_is_not_waited_for(gather_s: float) -> None:
    async def run() -> tuple[int, int]:
        ours, theirs = socket.socketpair()
        sender = Sender(10_000, gather_s=gather_s)
        await asyncio.get_running_loop().create_unix_connection(lambda: sender, sock=ours)
        sent = 0
        while sender.send(b"x" * 1_000):
            sent += 1
        refused_again = sum(not sender.send(b"y") for _ in range(10))
        theirs.close()
        sender.close()
        return sent, refused_again

    sent, refused_again = asyncio.run(run())
    assert 10 <= sent < 10_000
    assert refused_again == 10


def test_a_reader_that_is_gone_is_noticed() -> None:
    async def run() -> bool:
        ours, theirs = socket.socketpair()
        sender = Sender(10_000)
        await asyncio.get_running_loop().create_unix_connection(lambda: sender, sock=ours)
        theirs.close()
        while not sender.is_gone:  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0)
        return sender.send(b"x")

    assert asyncio.run(run()) is False


def test_a_reader_that_does_not_read_is_waited_for_at_the_end_for_a_while() -> None:
    async def run() -> None:
        ours, theirs = socket.socketpair()
        sender = Sender(100_000_000)
        await asyncio.get_running_loop().create_unix_connection(lambda: sender, sock=ours)
        sender.send(b"x" * 10_000_000)
        await sender.drain(0.01)
        waiting = asyncio.create_task(sender.drain(600))
        await asyncio.sleep(0)
        theirs.close()
        await asyncio.wait_for(waiting, 10)

    asyncio.run(run())
