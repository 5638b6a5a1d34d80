"""A replay from its start to its end: checks, connections, pairs to their sink, what was lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import uvloop

from loadgen.handshake import require_handshake
from loadgen.preflight import require_listener
from rollout.shadow.conclusion import Course
from rollout.shadow.live.dialing import Dialer, Peer
from rollout.shadow.live.live import same_servers
from rollout.shadow.live.side import Side
from rollout.shadow.recorded.replay import Replay
from rollout.shadow.result import Sides

if TYPE_CHECKING:
    from loadgen.interrupts import Interrupts
    from loadgen.tls import TlsOptions
    from rollout.shadow.pair import PairSink
    from rollout.shadow.recorded.recording import Recording
    from rollout.shadow.recorded.replay import ReplaySettings

__all__ = ["Progress", "replay"]

UNREADABLE = "cannot be read"
ELSEWHERE = "went to another host"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a replay is.

    Attributes:
        seconds: since it began.
        seen: recorded requests so far.
        pairs: of these, compared.
    """

    seconds: float
    seen: int
    pairs: int


def replay(
    settings: ReplaySettings,
    recording: Recording,
    sink: PairSink,
    *,
    tls: TlsOptions,
    interrupts: Interrupts,
    on_second: Callable[[Progress], None] = lambda _: None,
) -> Course:
    """Replays a recording to its end, or until a stop is asked for.

    The first request to stop lets answers that are under way come to their end, the second ends
    all at once.

    Args:
        settings: what is replayed to whom.
        recording: not read yet.
        sink: gets the pairs.
        tls: how https is spoken.
        interrupts: asks for a stop.
        on_second: is told how far it is.

    Raises:
        ConfigError: the recording cannot be read.
        TargetError: a side does not resolve or cannot be connected to; nothing was sent.
    """
    peers = [Peer.find(target, tls) for target in settings.targets]
    for peer in peers:
        require_listener(peer.target, peer.addresses)
        require_handshake(peer.target, peer.addresses, tls)
    started_at, begin_s = datetime.now(UTC), time.monotonic()
    done = uvloop.run(
        _run(settings, recording, sink, peers, interrupts=interrupts, on_second=on_second)
    )
    urls = [target.url for target in settings.targets]
    return Course(
        source=recording.name,
        sides=Sides(production=urls[0], canary=urls[1], baseline="".join(urls[2:])),
        started_at=started_at,
        duration_s=time.monotonic() - begin_s,
        seen=done.seen + recording.unreadable + recording.elsewhere,
        not_compared={
            **done.lost,
            UNREADABLE: recording.unreadable,
            ELSEWHERE: recording.elsewhere,
        },
        unreadable=tuple(recording.shown),
        notes=(*same_servers(peers), *_notes(done, interrupted=bool(interrupts.asked))),
    )


async def _run(
    settings: ReplaySettings,
    recording: Recording,
    sink: PairSink,
    peers: Sequence[Peer],
    *,
    interrupts: Interrupts,
    on_second: Callable[[Progress], None],
) -> Replay:
    """The replay, once it has ended."""
    loop = asyncio.get_running_loop()
    limits = settings.limits
    sides = [
        Side(Dialer(peer).connect, timeout_s=limits.timeout_s, limit_bytes=limits.body_bytes)
        for peer in peers
    ]
    work = Replay(settings, sides, sink)

    def interrupted() -> None:
        interrupts.drain()
        work.stop() if interrupts.asked == 1 else work.abort()

    loop.add_reader(interrupts.fd, interrupted)
    ticking = loop.create_task(_tick(work, on_second))
    try:
        await work.run(recording.entries())
    finally:
        ticking.cancel()
        loop.remove_reader(interrupts.fd)
        for side in sides:
            side.close()
    return work


async def _tick(work: Replay, on_second: Callable[[Progress], None]) -> None:
    begin_s = time.monotonic()
    while True:
        await asyncio.sleep(1)
        on_second(Progress(seconds=time.monotonic() - begin_s, seen=work.seen, pairs=work.paired))


def _notes(done: Replay, *, interrupted: bool) -> list[str]:
    """What went otherwise than it should."""
    notes = []
    if interrupted:
        notes.append("The replay was interrupted before its end.")
    if done.has_given_up:
        notes.append(
            f"The replay has stopped itself: the canary was drowning {len(done.brakes)} times "
            f"({done.brakes[-1]}); a lower --rate-limit or --speed may let it keep up."
        )
    elif done.brakes:
        notes.append(
            f"The replay has paused {len(done.brakes)} times, the canary was drowning "
            f"({done.brakes[0]})."
        )
    return notes
