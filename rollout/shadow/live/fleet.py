"""The processes of a live shadow test: started, replaced, ended.

A proxy that dies is replaced, since clients depend on it; its successor passes requests
through unmirrored. A mirror that dies is not: nobody waits for it.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from loadgen.errors import WorkerError
from loadgen.forked import ORDERS
from rollout.shadow.live.dialing import Peer
from rollout.shadow.live.mirror import MirrorProcess
from rollout.shadow.live.proxy import Proxy
from rollout.shadow.live.settings import LiveSettings
from rollout.shadow.live.tally import Tally

__all__ = ["Child", "Fleet"]

_MAX_REPLACED: Final = 10
"""A proxy that dies this often dies of what its clients send, and will die again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A process that we started.

    Attributes:
        pid: its process id.
        fd: a pidfd; readable once it has ended.
        proxy: the index of a proxy; None: the mirror.
    """

    pid: int
    fd: int
    proxy: int | None

    def signal(self, number: int) -> None:
        """Sends it a signal; nothing when it has ended."""
        signal.pidfd_send_signal(self.fd, number)


@dataclass(slots=True, kw_only=True)
class Fleet:
    """One mirror and some proxies.

    Attributes:
        settings: of the whole.
        peers: production, canary, and the baseline if there is one.
        listeners: one for each proxy.
        tally: one slot for each proxy, one for the mirror.
        outlet: from the mirror, to be read.
        children: those that live, or have ended unreaped.
        replaced: proxies that died.
    """

    settings: LiveSettings
    peers: Sequence[Peer]
    listeners: Sequence[socket.socket]
    tally: Tally
    outlet: socket.socket = field(init=False)
    _inlet: socket.socket = field(init=False)
    _niceness: int = field(init=False)
    children: dict[int, Child] = field(default_factory=dict)
    replaced: int = 0

    def __post_init__(self) -> None:
        """Opens the way from the mirror to us."""
        self.outlet, self._inlet = socket.socketpair()
        self._niceness = os.getpriority(os.PRIO_PROCESS, 0)

    def start(self) -> None:
        """Forks all; returns when each is ready.

        Raises:
            WorkerError: one is not.
        """
        pairs = [socket.socketpair() for _ in self.listeners]
        inlet = self._inlet
        ready, report = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {*ORDERS, signal.SIGCHLD})
        try:
            theirs = [*(end for ends in pairs for end in ends), inlet, self.outlet]
            mirror = self._mirror([reader for _, reader in pairs], inlet)
            self._fork(None, mirror, report, [*(writer for writer, _ in pairs), self.outlet])
            for index, (writer, _) in enumerate(pairs):
                proxy = self._proxy(index, writer)
                self._fork(index, proxy, report, [end for end in theirs if end is not writer])
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            os.close(report)
            for end in (*(end for ends in pairs for end in ends), inlet):
                end.close()
        with os.fdopen(ready, "rb") as pipe:
            arrived = len(pipe.read(len(self.children)))
        if arrived < len(self.children):
            missing = len(self.children) - arrived
            raise WorkerError(
                f"shadow: {missing} of {len(self.children)} processes did not start; "
                "what they said stands above"
            )

    def stop(self) -> None:
        """Has the proxies end once their answers are through; the mirror ends after them.

        The port is given up at once: whoever connects from now on is refused instead of left
        waiting in a queue that nobody serves.
        """
        for listener in self.listeners:
            listener.close()
        for child in self.children.values():
            if child.proxy is not None:
                child.signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends all at once."""
        for child in self.children.values():
            child.signal(signal.SIGKILL)

    def reap(self, fd: int) -> tuple[Child, int]:
        """Takes the exit code of a child that has ended.

        Args:
            fd: its pidfd.

        Returns:
            The child, and its exit code: negative for a signal.
        """
        child = self.children.pop(fd)
        _, status = os.waitpid(child.pid, 0)
        os.close(fd)
        return child, os.waitstatus_to_exitcode(status)

    def replace(self, index: int) -> Child:
        """Starts a proxy anew, which is not mirrored.

        Raises:
            WorkerError: too many have died.
        """
        self.replaced += 1
        if self.replaced > _MAX_REPLACED:
            raise WorkerError(
                f"shadow: {self.replaced} proxy processes have died; the proxy is stopped, "
                "have clients connect to production itself"
            )
        nobody, channel = socket.socketpair()
        nobody.close()
        ready, report = os.pipe()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {*ORDERS, signal.SIGCHLD})
        try:
            return self._fork(index, self._proxy(index, channel), report, [self.outlet])
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            for fd in (ready, report):
                os.close(fd)
            channel.close()

    def close(self) -> None:
        """Ends and reaps what is left, and gives all descriptors back."""
        self.kill()
        for fd in tuple(self.children):
            self.reap(fd)
        self.outlet.close()
        self._inlet.close()

    def _mirror(self, channels: Sequence[socket.socket], inlet: socket.socket) -> MirrorProcess:
        _, canary, *rest = self.peers
        return MirrorProcess(
            settings=self.settings,
            canary=canary,
            baseline=rest[0] if rest else None,
            channels=tuple(channels),
            outlet=inlet,
            counts=self.tally.slot(len(self.listeners)),
            parent=os.getpid(),
        )

    def _proxy(self, index: int, channel: socket.socket) -> Proxy:
        return Proxy(
            settings=self.settings,
            production=self.peers[0],
            listener=self.listeners[index],
            channel=channel,
            counts=self.tally.slot(index),
            mirror_counts=self.tally.slot(len(self.listeners)),
            parent=os.getpid(),
        )

    def _fork(
        self,
        index: int | None,
        process: Proxy | MirrorProcess,
        report: int,
        not_its: Sequence[socket.socket],
    ) -> Child:
        """Forks a process, which lets go of what others are to see closed."""
        try:
            pid = os.fork()
        except OSError as error:
            raise WorkerError(
                f"shadow: a process cannot be started: {error.strerror}; "
                "check the limits of processes and memory, or use fewer --processes"
            ) from None
        if pid == 0:
            try:
                self._become(index, process, report, not_its)
            finally:
                os._exit(1)  # the parent's code, further up the stack, is not the child's
        child = Child(pid=pid, fd=os.pidfd_open(pid), proxy=index)
        self.children[child.fd] = child
        return child

    def _become(
        self,
        index: int | None,
        process: Proxy | MirrorProcess,
        report: int,
        not_its: Sequence[socket.socket],
    ) -> None:
        """What the child does; it does not return."""
        with suppress(PermissionError):  # lowered priority is given back to the privileged only
            os.setpriority(os.PRIO_PROCESS, 0, self._niceness)
        for end in not_its:
            end.close()
        for position, listener in enumerate(self.listeners):
            if position != index:
                listener.close()
        process.run(report)
