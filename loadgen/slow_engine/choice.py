"""Whether a run has to take the slow path, and whether the slow path can do what it asks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from loadgen._openssl import unavailable
from loadgen.errors import ConfigError

if TYPE_CHECKING:
    from loadgen.plan import Plan

__all__ = ["is_slow", "require_abilities", "slow_path_sentence"]

_REMEDY = (
    "use a Python that is linked with the system's OpenSSL (with uv: --no-managed-python) for the "
    "fast one"
)


def is_slow(plan: Plan) -> bool:
    """True when a target is https:// and the C engine has no OpenSSL to speak it with."""
    return _has_https(plan) and bool(unavailable())


def slow_path_sentence(plan: Plan) -> str:
    """What people are told before a run that takes the slow path; "" when it does not."""
    if not is_slow(plan):
        return ""
    return (
        f"SLOW PATH: {unavailable()}, so https:// goes through Python's own TLS, with far less "
        f"load per core and timing to the millisecond; {_REMEDY}"
    )


def require_abilities(plan: Plan, *, samples: bool = False) -> None:
    """Makes sure that a run which takes the slow path asks for nothing that it cannot do.

    Args:
        plan: what is to be done.
        samples: what each request came to is to be kept.

    Raises:
        ConfigError: names everything that it cannot do.
    """
    if not is_slow(plan):
        return
    if missing := list(_missing(plan, samples=samples)):
        raise ConfigError(
            f"target: https:// takes the slow path, since {unavailable()}; it has no "
            f"{', no '.join(missing)}; leave them out, or {_REMEDY}"
        )


def _has_https(plan: Plan) -> bool:
    return any(target.scheme == "https" for target in plan.targets)


def _missing(plan: Plan, *, samples: bool) -> Iterator[str]:
    """Options that only the C engine has."""
    if any(request.checks for request in plan.requests):
        yield "checks of answers (expect)"
    if plan.follow:
        yield "redirects (--follow)"
    if plan.limits.max_rps is not None:
        yield "cap on requests (limits.max_rps)"
    if plan.tls.resume:
        yield "session resumption (--tls-resume)"
    if plan.tls.cipher_suites:
        yield "choice of TLS 1.3 ciphers (--tls-ciphers TLS_...)"
    if samples:
        yield "raw samples (--samples)"
