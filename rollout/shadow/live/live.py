"""A live shadow test from its start to its end: checks, processes, pairs to their sink."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import combinations
from typing import Final

from loadgen.handshake import require_handshake
from loadgen.interrupts import Interrupts
from loadgen.listening import listen_shared, raise_file_limit_to_hard
from loadgen.preflight import require_listener
from rollout.shadow.live.dialing import Peer
from rollout.shadow.live.fleet import Fleet
from rollout.shadow.live.settings import LiveSettings
from rollout.shadow.live.tally import Tally
from rollout.shadow.live.watch import Ears, LiveResult, Watch
from rollout.shadow.pair import PairSink

__all__ = ["run_live", "same_servers"]

_NICEST: Final = 19


def run_live(
    settings: LiveSettings,
    sink: PairSink,
    ears: Ears,
    *,
    interrupts: Interrupts,
    stands_back: bool = False,
) -> LiveResult:
    """Serves, mirrors and hands over pairs until a stop is asked for, or the duration is over.

    The first request to stop lets answers that are under way come to their end, the second
    ends all at once.

    Args:
        settings: what is asked.
        sink: gets the pairs; what it raises is noted, and ends nothing.
        ears: who is told.
        interrupts: asks for a stop.
        stands_back: once the proxies run, this process lowers its own priority, for good: it
            compares, and they have clients that wait.

    Raises:
        ConfigError: the address cannot be listened on.
        TargetError: a side does not resolve, or cannot be connected to; nothing was mirrored.
        WorkerError: processes do not start, or keep dying.
    """
    peers = [Peer.find(target, settings.tls) for target in settings.sides]
    for peer in peers:
        require_listener(peer.target, peer.addresses)
        require_handshake(peer.target, peer.addresses, settings.tls)
    for note in same_servers(peers):
        ears.on_note(note)
    listeners = listen_shared(
        settings.host, settings.port, sockets=settings.processes, who="shadow"
    )
    raise_file_limit_to_hard()
    fleet = Fleet(
        settings=settings,
        peers=peers,
        listeners=listeners,
        tally=Tally(settings.processes + 1),
    )
    try:
        fleet.start()
        if stands_back:
            os.nice(_NICEST)
        host, port = listeners[0].getsockname()[:2]
        ears.on_ready(f"http://{f'[{host}]' if ':' in host else host}:{port}")
        return Watch(fleet, sink, ears, interrupts).run()
    finally:
        fleet.close()
        for listener in listeners:
            listener.close()


def same_servers(peers: Sequence[Peer]) -> list[str]:
    """A sentence on each two sides that are one server."""
    names = ("production", "canary", "baseline")
    return [
        f"--{first}-url and --{second}-url are the same server ({one.target.url}): "
        "nothing but noise will be found"
        for (first, one), (second, other) in combinations(zip(names, peers, strict=False), 2)
        if set(one.addresses) & set(other.addresses)
    ]
