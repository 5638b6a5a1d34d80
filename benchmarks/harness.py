"""One load generator against one server, each on a core of its own, measured from outside.

Two prices are taken of every run:
- steady: in the middle of the run, when start-up is over and the end has not come. CPU time
  of the client's process tree against the requests that the *server* counted meanwhile, so
  that nothing depends on what a tool says of itself.
- whole: user and system time from start to end (os.wait4, children included), against the
  requests that the tool reports.
Machines are shared and noisy: subjects take turns within a round (A B, B A, ...), and what is
quoted is the median of the ratios within rounds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks.nginx import Nginx, running_nginx
from benchmarks.peers.peer import Load, Peer
from benchmarks.pinned import Pinned
from benchmarks.record import Cell, Row, Where, write

__all__ = ["Lab", "Run", "main", "median", "ratio", "turns"]

EDGE_S = 1.0
"""Left out of the steady price at either end of the load."""
START_S = 20.0
"""A tool that has sent nothing by then is given up."""

Subject = TypeVar("Subject")
Run = dict[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What a benchmark works with.

    Attributes:
        scratch: a folder for the peers' files.
        given: numbers of the command line: rounds, seconds, ...
    """

    server: Nginx
    where: Where
    scratch: Path
    given: Mapping[str, float]

    @property
    def rounds(self) -> int:
        """How often each subject takes its turn."""
        return int(self.given["rounds"])

    def load(self, connections: int, *, rate_rps: float = 0.0) -> Load:
        """A load on the lab's server, for as long as the command line says."""
        return Load(
            url=self.server.url,
            connections=connections,
            seconds=self.given["seconds"],
            rate_rps=rate_rps,
            scratch=self.scratch,
        )

    def start(self, peer: Peer, load: Load) -> Pinned:
        """Starts a peer on the client's core."""
        return Pinned(peer.command(load), cpu=self.where.client_cpu, cwd=self.scratch)

    def measure(self, peer: Peer, load: Load) -> Run:
        """Runs a peer once.

        Returns:
            The row of the run: both prices, and rates, in base units.

        Raises:
            RuntimeError: the peer failed.
        """
        before = self.server.requests()
        edge_s = min(EDGE_S, load.seconds / 4)
        with self.start(peer, load) as client:
            self._await_load(client, before + load.connections)
            time.sleep(edge_s)
            requests, cpu_s, at_s = self.server.requests(), client.cpu_s(), time.monotonic()
            time.sleep(load.seconds - 2 * edge_s)
            steady_requests = self.server.requests() - requests - 1  # our own question
            steady_cpu_s = client.cpu_s() - cpu_s
            steady_s = time.monotonic() - at_s
            cost = client.wait(load.seconds + 60, fine=peer.fine)
        count = peer.count(load, cost.output)
        return {
            "peer": peer.name,
            "version": peer.version(),
            "connections": load.connections,
            "rate_rps": load.rate_rps,
            "seconds": load.seconds,
            "steady_s": steady_s,
            "steady_requests": steady_requests,
            "steady_cpu_s": steady_cpu_s,
            "steady_cpu_s_per_request": steady_cpu_s / max(steady_requests, 1),
            "steady_rps": steady_requests / steady_s,
            "whole_wall_s": cost.wall_s,
            "whole_cpu_s": cost.cpu_s,
            "whole_requests": count.completed,
            "whole_failed": count.failed,
            "whole_cpu_s_per_request": cost.cpu_s / max(count.completed, 1),
        }

    def _await_load(self, client: Pinned, requests: int) -> None:
        deadline_s = time.monotonic() + START_S
        while self.server.requests() < requests:
            if not client.running:
                cost = client.wait(1)  # raises with what it printed when it failed
                raise RuntimeError(f"the load was over at once; it printed {cost.output!r}")
            if time.monotonic() > deadline_s:
                raise RuntimeError(f"nothing was sent within {START_S:g} s")
            time.sleep(0.02)


def turns(subjects: Sequence[Subject], rounds: int) -> Iterator[tuple[int, Subject]]:
    """Every subject once a round, in turned order: A B C, C B A, A B C, ..."""
    for round_ in range(rounds):
        for subject in subjects if round_ % 2 == 0 else reversed(subjects):
            yield round_, subject


def ratio(rows: Iterable[Row], column: str, above: str, below: str) -> float:
    """The median over rounds of above's value divided by below's in the same round.

    Args:
        rows: with the columns "round" and "peer", and at most one row for each pair of them.
        column: whose values are compared.
        above: a peer.
        below: the peer that it is compared with.
    """
    values = {(row["round"], row["peer"]): float(row[column]) for row in rows}
    rounds = sorted({round_ for round_, _ in values}, key=str)
    return statistics.median(
        values[round_, above] / values[round_, below]
        for round_ in rounds
        if (round_, above) in values and (round_, below) in values
    )


def median(rows: Iterable[Row], column: str) -> float:
    """The median of a column."""
    return statistics.median(float(row[column]) for row in rows)


def main(
    question: str | None,
    runs: Callable[[Lab], Iterable[Row]],
    answer: Callable[[Sequence[Row]], str],
    **defaults: float,
) -> None:
    """The whole of a benchmark: reads the command line, measures, writes, prints the answer.

    Args:
        question: the script's docstring.
        runs: yields the rows.
        answer: one line from all rows.
        defaults: what the command line can change (`rounds`, `seconds`, ...), by name.
    """
    given = _options(question or "", defaults)
    where = Where.here()
    with (
        running_nginx(cpu=where.server_cpu) as server,
        tempfile.TemporaryDirectory(prefix="loadgen-bench-") as scratch,
    ):
        numbers = {name: getattr(given, name) for name in defaults}
        lab = Lab(server=server, where=where, scratch=Path(scratch), given=numbers)
        print(answer(write(given.out, runs(lab), where)))


def _options(question: str, defaults: Mapping[str, float]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=question.partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    for name, value in defaults.items():
        parser.add_argument(
            f"--{name}", type=type(value), default=value, help="default: %(default)s"
        )
    return parser.parse_args()
