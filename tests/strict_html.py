"""Reads pages for their tests, as strictly as none of the browsers does."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

__all__ = ["Page", "policy_hashes"]

VOID = {"meta", "link"}


class Page(HTMLParser):
    """A page: its tags, its words, and what stands in scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.raw: dict[str, list[str]] = {"script": [], "style": []}
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.raw:
            self.raw[tag].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in self.raw:
            self.raw[self.open[-1]][-1] += data
        elif data.strip():
            self.words.append(data.strip())

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def policy_hashes(text: str) -> set[str]:
    """As the browser computes them from what stands in the page."""
    digests = (hashlib.sha256(part.encode()).digest() for part in _sources(text))
    return {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}


def _sources(text: str) -> list[str]:
    raw = Page(text).raw
    return [*raw["style"], *(source for source in raw["script"] if not source.startswith("["))]
