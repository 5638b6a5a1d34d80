"""A plain HTTP connection to whom a URL names: routers' admin APIs, live traffic's door.

Without the environment's proxies, which would be measured instead, and quick to open.
"""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

__all__ = ["open_connection", "request_target", "what_failed"]


def open_connection(url: str, timeout_s: float) -> http.client.HTTPConnection:
    """A connection to a URL's server, opened by its first request.

    Args:
        url: http or https.
        timeout_s: longest wait for the connection and for each read.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.netloc.rpartition("@")[2], timeout=timeout_s)


def request_target(url: str) -> str:
    """The path and query of a URL, as a request line has them."""
    parts = urlsplit(url)
    return f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"


def what_failed(error: OSError | http.client.HTTPException) -> str:
    """Why there was no answer, in a few words."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    text = error.strerror if isinstance(error, OSError) else str(error)
    return " ".join((text or type(error).__name__).split())
