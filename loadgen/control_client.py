"""The HTTP client of everything that is not load: gateways, webhooks, stats.

Imports httpx2, which takes a tenth of a second: import this module only where it is used.
"""

from __future__ import annotations

import logging
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx2

from loadgen.errors import ConfigError
from loadgen.secret import HIDDEN, Secret

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["open_client", "shown_url", "what_failed"]


def open_client(
    *,
    timeout_s: float,
    ca_file: str | None = None,
    login: tuple[str, Secret] | None = None,
    socket: Path | None = None,
) -> httpx2.Client:
    """A client that follows no redirect and keeps quiet about where it talks to.

    Args:
        timeout_s: longest wait for a connection, a write or a read, each.
        ca_file: PEM file with the authorities to trust instead of the system's.
        login: user and password (basic authentication).
        socket: a Unix socket that all requests go to.

    Raises:
        ConfigError: the file of authorities cannot be read.
    """
    # At INFO httpx2 writes whole URLs, and a webhook's URL is its password.
    for name in ("httpx2", "httpcore2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx2.Client(
        timeout=timeout_s,
        auth=(login[0], login[1].reveal()) if login else None,
        verify=_trust(ca_file),
        # The environment's proxies are for the Internet, not for a socket on this machine.
        trust_env=socket is None,
        transport=None if socket is None else httpx2.HTTPTransport(uds=str(socket)),
    )


def shown_url(url: str) -> str:
    """A URL as it may be shown: scheme and host; user, path and query may be secrets."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    hidden = parts.path.strip("/") or parts.query or "@" in parts.netloc
    return f"{parts.scheme}://{host}{f'/{HIDDEN}' if hidden else ''}"


def what_failed(error: httpx2.HTTPError) -> str:
    """Why a request got no answer, in a few words and without its URL."""
    if isinstance(error, httpx2.TimeoutException):
        return "no answer in time"
    text = str(error)
    return text if text and "://" not in text else type(error).__name__


def _trust(ca_file: str | None) -> ssl.SSLContext | bool:
    if ca_file is None:
        return True
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        is_no_pem = isinstance(error, ssl.SSLError)
        reason = "no certificate in it" if is_no_pem else error.strerror
        raise ConfigError(
            f"ca_file: {ca_file!r} cannot be used ({reason}); expected a PEM file"
        ) from None
