"""Requests that a browser wrote down (HTTP Archive 1.2). Pure.

Source: W3C, HTTP Archive (HAR) format, section 4.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from loadgen.errors import ConfigError
from rollout.shadow.recorded.entry import Entry, UnreadableError, checked_target, sendable_headers

__all__ = ["Archive"]

_Object: TypeAlias = Mapping[str, Any]


class Archive:
    """What is in an archive, as far as it went to one host.

    Attributes:
        host: whose requests are read: production's when there are any, else the most frequent.
        elsewhere: requests to other hosts.
    """

    def __init__(self, text: str, name: str, host: str) -> None:
        """Reads an archive.

        Args:
            text: of the file.
            name: of the file, for messages.
            host: of production.

        Raises:
            ConfigError: it is no archive.
        """
        try:
            entries: Sequence[object] = json.loads(text)["log"]["entries"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise ConfigError(
                f"{name}: found no HTTP Archive ({type(error).__name__}: {error}), expected "
                "log.entries as browsers save them"
            ) from None
        if not isinstance(entries, list):
            raise ConfigError(f"{name}: found no list in log.entries, expected one")
        hosts = Counter(_host(entry) for entry in entries)
        hosts.pop("", None)
        usual = hosts.most_common(1)[0][0] if hosts else ""
        self.host = host if host in hosts else usual
        self.elsewhere = hosts.total() - hosts[self.host]
        self._entries = [entry for entry in entries if _host(entry) in {"", self.host}]

    def entries(self, refuse: Callable[[str, str], None]) -> Iterator[Entry]:
        """The requests, in the order in which they were begun.

        Args:
            refuse: is told of each that cannot be read: what it is, and why.
        """
        found = []
        for entry in self._entries:
            try:
                found.append(_entry(entry))
            except UnreadableError as error:
                refuse(json.dumps(entry)[:500], str(error))
        yield from sorted(found, key=lambda each: each.at_s)


def _host(entry: object) -> str:
    """The host of an entry's URL; "" when it has none."""
    try:
        return urlsplit(_request(entry)["url"]).hostname or ""
    except (UnreadableError, KeyError, TypeError, ValueError, AttributeError):
        return ""


def _request(entry: object) -> _Object:
    request = entry.get("request") if isinstance(entry, Mapping) else None
    if not isinstance(request, Mapping):
        raise UnreadableError("no request in it")
    return request


def _entry(entry: object) -> Entry:
    request = _request(entry)
    assert isinstance(entry, Mapping)
    try:
        method, url = request["method"].upper(), str(request["url"])
        begun = datetime.fromisoformat(entry["startedDateTime"])
        headers = [(str(each["name"]), str(each["value"])) for each in request.get("headers", ())]
        body = _body(request.get("postData") or {})
        kind = str(request["postData"].get("mimeType", "")) if body else ""
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableError(f"{type(error).__name__}: {error}") from None
    if kind and all(name.lower() != "content-type" for name, _ in headers):
        headers.append(("Content-Type", kind))
    return Entry(
        at_s=begun.timestamp(),
        method=method,
        target=checked_target(method, url),
        headers=sendable_headers(headers),
        body=body,
    )


def _body(data: _Object) -> bytes:
    text = data.get("text", "")
    return base64.b64decode(text) if data.get("encoding") == "base64" else text.encode()
