"""The file of raw samples: kept aside in binary while the run goes on, written as CSV after it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from loadgen.report import csv_samples
from loadgen.sample_rings import SAMPLE

if TYPE_CHECKING:
    from loadgen.cli.destination import Destination
    from loadgen.sample_rings import SampleBatch

__all__ = ["SampleFile"]

PIECE_ROWS = 10_000
"""Turned into text at once: memory does not grow with the run."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A batch that lies in the spool; `rows` of them."""

    worker: int
    rows: int
    origin_ns: int


@dataclass(slots=True)
class SampleFile:
    """A place to which a run's samples go.

    Samples take 48 bytes each until they are text, in a file without a name in the folder of
    the destination, or in the system's where the destination is no file.

    Attributes:
        destination: where the CSV goes.
        endpoints: their names, in the order of the plan.
        lost: samples that a worker had no room for.
    """

    destination: Destination
    endpoints: tuple[str, ...]
    lost: int = field(default=0, init=False)
    _spool: IO[bytes] | None = field(default=None, init=False)
    _kept: list[_Kept] = field(default_factory=list, init=False)
    _error: OSError | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """As the user wrote it."""
        return self.destination.name

    @property
    def path(self) -> Path:
        """Of the CSV."""
        return self.destination.path

    @property
    def is_stdout(self) -> bool:
        """True when the CSV goes to standard output."""
        return self.destination.is_stdout

    def keep(self, batch: SampleBatch) -> None:
        """Takes what a worker has left. A full disk is told of by `write`, not here."""
        self.lost += batch.lost
        if self._error is not None:
            return
        try:
            if self._spool is None:
                self._spool = self._open_spool()
            self._spool.write(batch.rows.tobytes())
            self._spool.flush()
        except OSError as error:
            self._error = error
            return
        self._kept.append(
            _Kept(worker=batch.worker, rows=len(batch.rows), origin_ns=batch.origin_ns)
        )

    def write(self, header: str) -> None:
        """Writes everything that was kept, below a header.

        Raises:
            OSError: it could not be written, or not be kept.
        """
        if self._error is not None:
            raise self._error
        self.destination.write_pieces(self._pieces(header))

    def _open_spool(self) -> IO[bytes]:
        folder = self.path.parent if self.destination.replaces else None
        return tempfile.TemporaryFile(dir=folder)

    def _pieces(self, header: str) -> Iterator[str]:
        yield header
        if self._spool is None:
            return
        with self._spool as spool:
            spool.seek(0)
            for kept in self._kept:
                for begin in range(0, kept.rows, PIECE_ROWS):
                    count = min(PIECE_ROWS, kept.rows - begin)
                    yield csv_samples.rows(
                        np.frombuffer(spool.read(count * SAMPLE.itemsize), SAMPLE),
                        worker=kept.worker,
                        origin_ns=kept.origin_ns,
                        endpoints=self.endpoints,
                    )
