"""The URL of a server under test: read, checked, and taken apart. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

from loadgen.endpoint import SENDABLE_PATH
from loadgen.errors import ConfigError

__all__ = ["Target"]

_EXAMPLE = "expected for example http://localhost:8000"
_UNIX = "http+unix"
_PORTS = {"http": 80, "https": 443, _UNIX: 0}
"""The schemes that can be loaded, and their default ports (RFC 9110 section 4.2)."""
_SOCKET_EXAMPLE = "expected the percent-encoded path of a socket: http+unix://%2Frun%2Fapp.sock/"
_LONGEST_SOCKET = 107
"""Bytes that a socket's path may have: unix(7)."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_USER = re.compile(r"(^|//)[^/?#]*@")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*\.?")
"""A host name that a resolver takes (RFC 1035 section 2.3.4), with the underscore of DNS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A server under test.

    Attributes:
        scheme: "http", "https" or "http+unix".
        host: name or address, in lower case; IPv6 without brackets. Of a Unix domain socket:
            its path, "/...".
        port: 1..65535; 0 for a Unix domain socket.
        path: path of the URL as given, "/" when it has none.
        query: query of the URL without "?", used only when the plan has no endpoints.
    """

    scheme: str
    host: str
    port: int
    path: str = "/"
    query: str = ""

    @classmethod
    def parse(cls, url: str) -> Target:
        """Reads a URL.

        Raises:
            ConfigError: says what is wrong with the URL and shows one that is right.
        """
        text = url.strip()
        shown = _USER.sub(r"\1...@", text)  # what stands there is often a password
        if not text:
            raise ConfigError(f"target: the URL is empty; {_EXAMPLE}")
        if any(ch.isspace() or ord(ch) < 0x20 or ord(ch) == 0x7F for ch in text):
            raise ConfigError(
                f"target: {shown!r} has white space or a control character in it; {_EXAMPLE}"
            )
        if not _SCHEME.match(text):
            meant = re.sub(r"^(https?:)?/*", "", shown, flags=re.IGNORECASE)
            raise ConfigError(f"target: {shown!r} has no scheme; did you mean http://{meant} ?")
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError as error:
            raise ConfigError(f"target: {shown!r} is not a URL: {error}; {_EXAMPLE}") from None
        problem = _problem(parts, port)
        if problem:
            raise ConfigError(f"target: {shown!r}{problem}")
        return cls(
            scheme=parts.scheme,
            host=_host(parts),
            port=port if port is not None else _PORTS[parts.scheme],
            path=parts.path or "/",
            query=parts.query,
        )

    @property
    def is_unix(self) -> bool:
        """True for a Unix domain socket."""
        return self.scheme == _UNIX

    @property
    def authority(self) -> str:
        """What the Host header says (RFC 9112 section 3.2).

        The default port is left out, and so is the zone of an IPv6 address (RFC 6874
        section 4): it means something on this machine only.
        """
        if self.is_unix:
            return "localhost"
        host = f"[{self.host.partition('%')[0]}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def base_path(self) -> str:
        """What stands before every endpoint's path: "" or "/..." without a final slash."""
        return self.path.rstrip("/")

    @property
    def own_path(self) -> str:
        """The path with its query: what is asked for when a plan has no endpoints."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """The target as a URL that people read."""
        own = self.own_path
        where = quote(self.host, safe="") if self.is_unix else self.authority
        return f"{self.scheme}://{where}{'' if own == '/' else own}"


def _host(parts: SplitResult) -> str:
    if parts.scheme == _UNIX:
        return unquote(parts.netloc)
    return (parts.hostname or "").replace("%25", "%")  # RFC 6874: a zone's own %


def _is_host(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return ":" in host or _NAME.fullmatch(host) is not None


def _is_socket(parts: SplitResult) -> bool:
    path = _host(parts)
    return path.startswith("/") and "\0" not in path and len(path.encode()) <= _LONGEST_SOCKET


def _problem(parts: SplitResult, port: int | None) -> str:
    """What is wrong with a URL that could be split, as the end of a sentence about it."""
    host = parts.hostname or ""
    is_unix = parts.scheme == _UNIX
    own_path = f"{parts.path or '/'}?{parts.query}"
    rules = (
        (
            parts.scheme not in _PORTS,
            f": scheme {parts.scheme!r} is not supported; use http://, https:// or http+unix://",
        ),
        (not host, f" has no host; {_EXAMPLE}"),
        (is_unix and not _is_socket(parts), f" names no socket; {_SOCKET_EXAMPLE}"),
        (
            "@" in parts.netloc,
            ": a user name or password is not sent from the URL; use --auth instead",
        ),
        (
            parts.fragment,
            f": a fragment (#{parts.fragment}) is never sent to a server; remove it",
        ),
        (port == 0, ": port 0 cannot be connected to; use 1 to 65535"),
        (
            not is_unix and not _is_host(parts),
            f": {host!r} is not a host name; expected an address, or letters, digits, hyphens "
            "and dots (an international name in its xn-- form)",
        ),
        (
            not SENDABLE_PATH.fullmatch(own_path),
            " cannot be sent; expected anything but ASCII to be percent-encoded",
        ),
    )
    return next((text for wrong, text in rules if wrong), "")
