"""Two built-in targets behind one real proxy, and requests through it that say who answered."""

from __future__ import annotations

import contextlib
import http.client
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.proxies import MARK_HEADER, Proxy
from loadgen.target.launch import running_target
from rollout.connection import open_connection

__all__ = ["answers", "in_front_of_two"]

Start = Callable[[str, str], contextlib.AbstractContextManager[Proxy]]


@contextmanager
def in_front_of_two(start: Start) -> Iterator[Proxy]:
    """A proxy whose sides both answer."""
    with running_target() as stable, running_target() as canary, start(stable, canary) as proxy:
        yield proxy


def answers(proxy: Proxy, n: int) -> Counter[str]:
    """How many of n requests, sent on one connection, each side answered."""
    found: Counter[str] = Counter()
    with contextlib.closing(open_connection(proxy.url, 5.0)) as connection:
        for _ in range(n):
            connection.request("GET", "/api/health")
            answer = connection.getresponse()
            answer.read()
            assert answer.status == http.client.OK
            found[answer.headers[MARK_HEADER]] += 1
    return found
