"""A terminal that was closed, told as what it is: a reader that has gone."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

__all__ = ["LastingStream", "telling_reader_gone"]


@contextmanager
def telling_reader_gone() -> Iterator[None]:
    """Makes a write to a closed terminal (EIO) fail as one to a closed pipe does.

    Raises:
        BrokenPipeError: instead of OSError with EIO.
    """
    try:
        yield
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        raise BrokenPipeError(error.errno, "the terminal was closed") from error


class LastingStream:
    """A text stream as it is, but for what a closed terminal does to it."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes as the stream does; BrokenPipeError when its terminal was closed."""
        with telling_reader_gone():
            return self._stream.write(text)

    def flush(self) -> None:
        """Flushes as the stream does; BrokenPipeError when its terminal was closed."""
        with telling_reader_gone():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the stream has
        """Everything else is the stream's own."""
        return getattr(self._stream, name)
