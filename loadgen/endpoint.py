"""One kind of request, and whether it can be sent as it is. Pure.

The checks give sentences, so that a plan can report every mistake at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from loadgen.checks import Checks

__all__ = [
    "IDEMPOTENT_METHODS",
    "MAX_WEIGHT",
    "SENDABLE_PATH",
    "Endpoint",
    "check_problems",
    "header_problems",
    "method_problems",
]

MAX_WEIGHT = 1e9
"""Sums of weights stay finite, and a weight of 1 beside it is still drawn now and then."""
IDEMPOTENT_METHODS = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
"""RFC 9110 section 9.2.2: may be repeated when the server closed an idle connection."""
SENDABLE_PATH = re.compile(r"/[!-\"$-~]*")
"""A path with its query that can stand in a request line (RFC 9112 section 3) as it is."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
MAX_CHECKED_NAME = 255
"""Bytes of the name of a header that is checked."""
_FRAMING = frozenset({"content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One kind of request, with statistics of its own.

    Attributes:
        path: "/..." with its query, appended to the target's base path.
        weight: share of the traffic, relative to the sum of all weights; >= 0.
        name: what reports call it; unique in a plan. Default: the path, with the method
            in front unless it is GET.
        headers: (name, value) pairs; they take the place of the plan's of the same name.
        content_type: what the body is, unless a header says it; "" is not said.
        target: index into Plan.targets.
        checks: what its answers are held against.
    """

    path: str
    method: str = "GET"
    weight: float = 1.0
    name: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    content_type: str = ""
    target: int = 0
    checks: Checks = field(default_factory=Checks)

    @property
    def label(self) -> str:
        """The name, or what stands for it."""
        if self.name:
            return self.name
        return self.path if self.method == "GET" else f"{self.method} {self.path}"

    def problems(self, targets: int) -> list[str]:
        """What keeps this request from being sent.

        Args:
            targets: how many the plan has.

        Returns:
            One sentence each, without the endpoint's name.
        """
        problems = method_problems(self.method)
        if not SENDABLE_PATH.fullmatch(self.path):
            problems.append(
                f"path {self.path!r} cannot be sent; expected it to start with / and to have "
                "white space, # and other than ASCII percent-encoded"
            )
        if not 0 <= self.weight <= MAX_WEIGHT:
            problems.append(
                f"weight {self.weight:.15g} is out of range; expected 0 to {MAX_WEIGHT:.0f}"
            )
        if not 0 <= self.target < targets:
            problems.append(f"target {self.target} does not exist; there are {targets}")
        return problems + check_problems(self.checks)


def method_problems(method: str) -> list[str]:
    """What keeps a method from being sent; at most one sentence."""
    if not _TOKEN.fullmatch(method):
        return [f"method {method!r} is not a method; expected for example GET or POST"]
    if method == "CONNECT":
        return ["method CONNECT opens a tunnel and cannot be load-tested; use GET or POST"]
    return []


def check_problems(checks: Checks) -> list[str]:
    """What keeps answers from being checked."""
    problems = checks.problems()
    problems += [
        f"check: header {one.name!r} is not a header name; expected for example Content-Type"
        for one in checks.headers
        if len(one.name) > MAX_CHECKED_NAME or not _TOKEN.fullmatch(one.name)
    ]
    return problems


def header_problems(headers: Iterable[tuple[str, str]]) -> list[str]:
    """What keeps headers from being sent. Values are never shown: some are secrets."""
    problems = []
    for name, value in headers:
        if not _TOKEN.fullmatch(name):
            problems.append(
                f"header {name!r} is not a header name; expected for example X-Request-Id"
            )
        elif name.lower() in _FRAMING:
            problems.append(f"header {name!r} is set by the body that is sent; remove it")
        elif not _VALUE.fullmatch(value):
            problems.append(
                f"header {name!r}: its value cannot be sent; expected no line break, no control "
                "character and nothing beyond Latin-1"
            )
    return problems
