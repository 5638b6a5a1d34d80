"""Which requests are mirrored: safe ones, a sample of them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from loadgen.errors import ConfigError
from rollout.shadow.live.tally import Fate

__all__ = ["SAFE_METHODS", "Selection"]

SAFE_METHODS: Final = frozenset({b"GET", b"HEAD", b"OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1), TRACE excepted: nobody serves it."""
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""RFC 9110 section 5.6.2: names of methods and headers."""
_NEVER: Final = frozenset({"CONNECT", "TRACE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which requests are mirrored.

    Attributes:
        sample_ratio: 0..1 of the requests, drawn at random.
        methods: besides the safe ones; in capitals.
        idempotency_header: a request with such a method must carry this header, by which the
            servers recognise what was done already; "" only without `methods`.

    Raises:
        ConfigError: methods without the header, or a name that is none.
    """

    sample_ratio: float = 1.0
    methods: frozenset[str] = frozenset()
    idempotency_header: str = ""

    def __post_init__(self) -> None:
        """Checks what goes together."""
        problems = [
            f"{option}: found {name!r}, expected a name without spaces or punctuation"
            for option, names in (
                ("--methods", sorted(self.methods)),
                ("--idempotency-header", filter(None, [self.idempotency_header])),
            )
            for name in names
            if not _TOKEN.fullmatch(name)
        ]
        if refused := sorted(self.methods & _NEVER):
            problems.append(f"--methods: {', '.join(refused)} is never mirrored; leave it out")
        if self._unsafe and not self.idempotency_header:
            problems.append(
                f"--methods: {', '.join(sorted(self._unsafe))} would be carried out once by "
                "production and once by the canary; name the header by which your servers "
                "recognise a repetition with --idempotency-header, such as Idempotency-Key"
            )
        if problems:
            raise ConfigError(*problems)

    @property
    def _unsafe(self) -> frozenset[str]:
        return self.methods - {method.decode() for method in SAFE_METHODS} - _NEVER

    def refusal(self, method: bytes) -> Fate | None:
        """Why a request is not mirrored for its method alone; None: it may be.

        Args:
            method: in capitals.
        """
        if method in SAFE_METHODS or method.decode("latin-1") in self.methods:
            return None
        return Fate.METHOD

    def lacks_key(self, request: bytes) -> bool:
        """Whether a whole request may not be repeated since it carries no idempotency header."""
        if request.partition(b" ")[0] in SAFE_METHODS:
            return False
        head = request.partition(b"\r\n\r\n")[0].lower()
        return b"\r\n" + self.idempotency_header.lower().encode() + b":" not in head
