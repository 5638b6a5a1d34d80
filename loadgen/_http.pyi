"""The engine's HTTP/1.x response parser (_ext/lg_http.h), one response at a time."""

from typing import final

__all__ = ["ResponseParser"]

@final
class ResponseParser:
    """Parses one response, however its bytes are split.

    Args:
        head: the request was HEAD, so no body follows the headers.
    """

    def __new__(cls, *, head: bool = False) -> ResponseParser: ...
    def feed(self, data: bytes | bytearray | memoryview) -> int:
        """Takes the next bytes from the connection.

        Returns:
            How many of them belong to this response; fewer than all only when it is done.

        Raises:
            EngineError: the bytes are not HTTP/1.0 or HTTP/1.1 (code -4), or the header is
                too large (code -5); so does every further call.
        """

    def eof(self) -> bool:
        """Takes note that the peer closed; returns whether the response is complete."""

    def skip(self, count: int) -> None:
        """Takes `count` bytes of body as seen.

        Raises:
            ValueError: `count` is larger than `skippable`.
        """

    @property
    def skippable(self) -> int:
        """How many of the next bytes are certainly body; 2**64 - 1 when all are."""

    @property
    def status(self) -> int:
        """The status code, 100 to 599; 0 before it is known."""

    @property
    def minor(self) -> int:
        """The minor version: 0 for HTTP/1.0, 1 for HTTP/1.1."""

    @property
    def body_bytes(self) -> int:
        """Bytes of payload so far, without chunk framing."""

    @property
    def done(self) -> bool:
        """Whether the response is complete."""

    @property
    def keep_alive(self) -> bool:
        """Whether the connection may be used again; of meaning when done."""
