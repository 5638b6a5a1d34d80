"""One answer as httptools reads it: fed with bytes, it knows when it is complete. No I/O."""

from __future__ import annotations

import httptools

__all__ = ["Answer"]

HEADER_LIMIT_BYTES = 65_536
"""As the C engine has it."""
SWITCHING_PROTOCOLS = 101


class Answer:
    """The answer to one request; interim ones (100, 103) before it are passed over.

    Attributes:
        done: it is complete.
        status: of the final answer; 0 until its header is complete.
        keep_alive: the connection may carry another request; once it is done.
        surplus: more bytes came than belong to it.
        error: the error class of an answer that cannot be used, else "".
    """

    __slots__ = (
        "_framed",
        "_has_header",
        "_head",
        "_header_bytes",
        "_parser",
        "done",
        "error",
        "keep_alive",
        "status",
        "surplus",
    )

    def __init__(self, *, head: bool = False) -> None:
        """Begins before the first byte.

        Args:
            head: it answers a HEAD, and has no body whatever its header says.
        """
        self.done = False
        self.status = 0
        self.keep_alive = False
        self.surplus = False
        self.error = ""
        self._head = head
        self._has_header = False
        self._framed = False
        self._header_bytes = 0
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, data: bytes) -> None:
        """Reads bytes of the connection; after `done` or `error` there is nothing to be fed."""
        if not self._has_header:
            self._header_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as error:
            # Bytes of the protocol that a 101 switches to are none of the answer's.
            self.surplus = self.done and error.args[0] < len(data)
        except httptools.HttpParserError:
            if not self.done:
                self.error = "protocol"
            elif self.status != SWITCHING_PROTOCOLS:  # llhttp stops at each of them
                self.surplus = True
        if not self._has_header and not self.error and self._header_bytes > HEADER_LIMIT_BYTES:
            self.error = "header_too_large"

    def end(self) -> bool:
        """The peer closed. True: that was the end of the answer (RFC 9112 section 6.3)."""
        self.done = self._has_header and not self._framed and not self.error
        return self.done

    # What follows is called by httptools.

    def on_message_begin(self) -> None:
        """A message begins: the answer, what comes after an interim one, or one too many."""
        self.surplus = self.surplus or self.done

    def on_header(self, name: bytes, _value: bytes) -> None:
        """Notes what tells where the body ends."""
        self._framed = self._framed or name.lower() in {b"content-length", b"transfer-encoding"}

    def on_headers_complete(self) -> None:
        """Ends the answer here when it has no body."""
        status = self._parser.get_status_code()
        if self.done or self._is_interim(status):
            return
        self._has_header = True
        self.status = status
        if not 100 <= status < 600:
            self.error = "protocol"
        elif self._head:
            self._finish()

    def on_body(self, _data: bytes) -> None:
        """Bodies are counted, not kept."""
        self.surplus = self.surplus or self.done

    def on_message_complete(self) -> None:
        """Ends the answer, unless it was an interim one."""
        if self._is_interim(self._parser.get_status_code()):
            self._framed = False
        elif not self.done:
            self._finish()

    def _finish(self) -> None:
        self.done = True
        self.keep_alive = self.status != SWITCHING_PROTOCOLS and self._parser.should_keep_alive()

    def _is_interim(self, status: int) -> bool:
        return status < 200 and status != SWITCHING_PROTOCOLS
