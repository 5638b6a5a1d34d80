"""The C engine (`_ext/lg_engine.h`): one worker's connections, pacing, HTTP and recording."""

from typing_extensions import Buffer

from loadgen.wire import EnginePlan

__all__ = ["Engine"]

class Engine:
    """One worker's engine. Not thread-safe.

    Life: construct, `prepare`, `step` until `state` is READY, `begin`, `step` until DONE.
    """

    def __new__(cls, arena: Buffer, slot_offset: int, plan: EnginePlan) -> Engine:
        """Builds the engine; nothing is allocated afterwards.

        Args:
            arena: the whole shared memory, writable; kept until the engine is gone.
            slot_offset: bytes from its beginning to this worker's slot.
            plan: copied; its request bytes are kept.

        Raises:
            LayoutError: the arena was made by another version.
            EngineError: the plan is refused, or no descriptor could be opened.
            MemoryError: no memory for the connections.
            ValueError: an address is not an IP address, or slot_offset is out of range.
        """

    def announce(self, pid: int, cpu: int) -> None:
        """Writes who this worker is into its slot; cpu -1: not pinned."""

    def leave_samples(self, memory: Buffer, offset: int) -> None:
        """Has each measured request leave a sample; to be called once, before `prepare`.

        Args:
            memory: that of `loadgen.sample_rings`, writable; kept until the engine is gone.
            offset: bytes from its beginning to this worker's ring.

        Raises:
            ValueError: offset or the ring's capacity lies outside of the memory, or there is a
                ring already.
        """

    def prepare(self) -> None:
        """Begins to open the open loop's connections."""

    def begin(self, start_ns: int) -> None:
        """Lets the load begin at this CLOCK_MONOTONIC time, a little ahead."""

    def step(self) -> int:
        """Serves all that is ready, without the GIL, for about 5 ms at most.

        Returns:
            The worker's state (loadgen.arena.WorkerState).
        """

    def fileno(self) -> int:
        """The epoll descriptor: readable when `step` has something to do."""

    @property
    def state(self) -> int:
        """The worker's state (loadgen.arena.WorkerState)."""
