"""Moves traffic in HAProxy by its runtime API; its configuration file is never touched.

Weights are set as absolute numbers: a weight with % is relative to the one in the
configuration, so that 5% of a canary configured with 0 would be 0.
"""

from __future__ import annotations

import contextlib
import csv
import io
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from rollout.connection import what_failed
from rollout.routers.router import Change, RouterError, Served

__all__ = ["HaproxyRouter", "Weights", "weights_for"]

TIMEOUT_S = 2.0
MAX_WEIGHT = 256
REFUSALS = ("No such", "Unknown command", "Permission denied", "static LB", "only be", "Require")
"""Beginnings and parts of answers that will be the same next time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each server of a side gets, 0..256."""

    stable: int
    canary: int


def weights_for(weight_percent: float, stable: int, canary: int) -> Weights:
    """The pair of weights that comes nearest to a split, the smallest one of equals.

    Args:
        weight_percent: the canary's part, 0..100. Only 0 and 100 themselves get a weight of 0:
            who asks for a little traffic does not mean none.
        stable: servers of the stable side, 1 or more.
        canary: servers of the canary, 1 or more.
    """
    if weight_percent == 0:
        return Weights(stable=100, canary=0)
    if weight_percent == 100:
        return Weights(stable=0, canary=100)
    pairs = []
    for weight in range(1, MAX_WEIGHT + 1):
        other = weight * canary * (100 - weight_percent) / weight_percent / stable
        pairs.append(Weights(stable=min(max(round(other), 1), MAX_WEIGHT), canary=weight))
    return min(
        pairs, key=lambda pair: round(abs(_percent(pair, stable, canary) - weight_percent), 9)
    )


def _percent(weights: Weights, stable: int, canary: int) -> float:
    """The canary's part of the traffic by the weight and the number of servers of each side."""
    total = weights.canary * canary + weights.stable * stable
    return 100 * weights.canary * canary / total if total else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HaproxyRouter:
    """A backend whose servers are of the stable version or of the canary.

    Attributes:
        socket: of the runtime API with level admin: a path, or HOST:PORT.
        backend: its name.
        stable, canary: names of the servers of each side, one or more.
    """

    socket: str
    backend: str
    stable: tuple[str, ...] = ("stable",)
    canary: tuple[str, ...] = ("canary",)

    @property
    def text(self) -> str:
        """The backend and the socket."""
        return f"HAProxy backend {self.backend} at {self.socket}"

    def nearest(self, weight_percent: float) -> float:
        """What weights of 0..256 make of it."""
        return _percent(self._weights(weight_percent), len(self.stable), len(self.canary))

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        """One command for each server, with the weight that it has now."""
        now = self._read_weights()
        return tuple(
            Change(action=f"HAProxy: {new}", inverse=f"HAProxy: {old}")
            for new, old in zip(
                self._commands(self._wanted(weight_percent)), self._commands(now), strict=True
            )
            if new != old
        )

    def get(self) -> float:
        """The canary's part by the weights of all servers.

        Raises:
            RouterError: HAProxy does not answer, or a name is wrong.
        """
        weights = self._read_weights()
        canary = sum(weights[name] for name in self.canary)
        total = canary + sum(weights[name] for name in self.stable)
        return 100 * canary / total if total else 0.0

    def set(self, weight_percent: float) -> None:
        """Sets the weight of each server, and reads them back.

        Raises:
            RouterError: HAProxy does not answer, refuses, or has other weights afterwards.
        """
        wanted = self._wanted(weight_percent)
        # The side that gets more comes first: never is the sum 0, which would answer 503.
        ordered = dict(sorted(wanted.items(), key=lambda item: -item[1]))
        self._refuse(self._ask("; ".join(self._commands(ordered))).strip())
        if (found := self._read_weights()) != wanted:
            raise RouterError(
                f"{self.text}: found the weights {found} after {wanted} were set; "
                "somebody else sets them, too"
            )

    def verify(self) -> Served | None:
        """Requests by side, from `show stat`.

        A request counts when a server is chosen for it, so that what is under way does not
        count later.
        """
        rows = self._stat()
        return Served(
            stable=sum(int(rows[name]["stot"]) for name in self.stable),
            canary=sum(int(rows[name]["stot"]) for name in self.canary),
        )

    def changed_by(self) -> str:
        """Unknown: HAProxy does not say."""
        return ""

    def _weights(self, weight_percent: float) -> Weights:
        return weights_for(weight_percent, len(self.stable), len(self.canary))

    def _wanted(self, weight_percent: float) -> dict[str, int]:
        weights = self._weights(weight_percent)
        return dict.fromkeys(self.canary, weights.canary) | dict.fromkeys(
            self.stable, weights.stable
        )

    def _commands(self, weights: dict[str, int]) -> Sequence[str]:
        return [
            f"set server {self.backend}/{name} weight {weight}" for name, weight in weights.items()
        ]

    def _read_weights(self) -> dict[str, int]:
        names = (*self.canary, *self.stable)
        answer = self._ask("; ".join(f"get weight {self.backend}/{name}" for name in names))
        self._refuse(next((line for line in answer.splitlines() if "(initial" not in line), ""))
        lines = [line for line in answer.splitlines() if line]
        return {name: int(line.split()[0]) for name, line in zip(names, lines, strict=True)}

    def _stat(self) -> dict[str, dict[str, str]]:
        """The rows of our servers by their names."""
        answer = self._ask("show stat").removeprefix("# ")
        rows = {
            row["svname"]: row
            for row in csv.DictReader(io.StringIO(answer))
            if row["pxname"] == self.backend
        }
        if missing := {*self.stable, *self.canary} - rows.keys():
            self._refuse(f"No such server: {min(missing)}")
        return rows

    def _refuse(self, answer: str) -> None:
        """Raises what HAProxy answered instead of nothing."""
        if answer:
            raise RouterError(
                f"{self.text}: it answered {answer.splitlines()[0]!r}; compare router.backend, "
                "stable and canary with its configuration, and the level of its stats socket",
                lasting=any(part in answer for part in REFUSALS),
            )

    def _ask(self, command: str) -> str:
        try:
            with contextlib.closing(_connect(self.socket)) as connection:
                connection.sendall(f"{command}\n".encode())
                return _received(connection)
        except OSError as error:
            raise RouterError(
                f"{self.text}: cannot be asked ({what_failed(error)}); is HAProxy running, with "
                "`stats socket ... level admin` there?",
                lasting=isinstance(error, PermissionError),
            ) from None


def _connect(address: str) -> socket.socket:
    """A connection to a path, or to HOST:PORT."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        return socket.create_connection((host.strip("[]"), int(port)), TIMEOUT_S)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(TIMEOUT_S)
    try:
        connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def _received(connection: socket.socket) -> str:
    """All that comes until HAProxy closes, which it does after one line of commands."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts).decode(errors="replace")
