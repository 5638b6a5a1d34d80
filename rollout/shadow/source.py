"""What `--shadow SOURCE` and `--replay FILE` name: a result that is there, or traffic to replay."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from rollout.shadow.conclusion import conclude
from rollout.shadow.judgement import MAX_MISMATCH_RATIO
from rollout.shadow.ledger import Ledger
from rollout.shadow.recorded.recording import Recording
from rollout.shadow.recorded.session import Progress, replay
from rollout.shadow.result_file import SCHEMA, read_result
from rollout.shadow.rules import Rules
from rollout.shadow.scrub import Scrubber

if TYPE_CHECKING:
    from pathlib import Path

    from loadgen.config.shadow_section import ShadowSection
    from loadgen.interrupts import Interrupts
    from loadgen.tls import TlsOptions
    from rollout.shadow.recorded.replay import ReplaySettings
    from rollout.shadow.result import ShadowResult

__all__ = ["accepted_ratio", "is_result", "new_ledger", "shadow_of_source", "shadow_of_traffic"]

MOST_LOOKED_AT = 200
"""Bytes at the beginning of a file in which a result says what it is."""


def new_ledger(section: ShadowSection | None) -> Ledger:
    """The sink of a shadow test by the rules of a config file; None: it has none."""
    return Ledger(Rules.from_section(section), Scrubber.from_section(section))


def accepted_ratio(section: ShadowSection | None) -> float:
    """The share of mismatches that a config file accepts, 0..1; None: it says nothing."""
    said = section.max_mismatch if section else None
    return MAX_MISMATCH_RATIO if said is None else said


def shadow_of_source(
    source: Path,
    settings: ReplaySettings,
    section: ShadowSection | None,
    *,
    tls: TlsOptions,
    interrupts: Interrupts,
    on_second: Callable[[Progress], None] = lambda _: None,
) -> ShadowResult:
    """The result of a shadow test from a file of any kind.

    Args:
        source: a result of `loadgen shadow --json`, which is read; an access log or a HAR, which
            is replayed.
        settings: what is replayed to whom.
        section: `shadow:` of the config file; None: it has none.
        tls: how https is spoken.
        interrupts: asks for a stop.
        on_second: is told how far a replay is.

    Raises:
        ConfigError: the file cannot be read.
        TargetError: a side does not resolve or cannot be connected to.
    """
    if is_result(source):
        return read_result(source)
    return shadow_of_traffic(
        source, settings, section, tls=tls, interrupts=interrupts, on_second=on_second
    )


def shadow_of_traffic(
    source: Path,
    settings: ReplaySettings,
    section: ShadowSection | None,
    *,
    tls: TlsOptions,
    interrupts: Interrupts,
    on_second: Callable[[Progress], None] = lambda _: None,
) -> ShadowResult:
    """The result of a replay; arguments and errors as of `shadow_of_source`."""
    ledger = new_ledger(section)
    production, *_ = settings.targets
    recording = Recording(source, host=production.host, scrubber=Scrubber.from_section(section))
    course = replay(
        settings, recording, ledger, tls=tls, interrupts=interrupts, on_second=on_second
    )
    return conclude(ledger, course, max_mismatch_ratio=accepted_ratio(section))


def is_result(source: Path) -> bool:
    """Whether a file says at its beginning that it is the result of a shadow test."""
    try:
        with source.open("rb") as file:
            start = file.read(MOST_LOOKED_AT)
    except OSError:
        return False  # whoever reads it says so
    return f'"schema": {json.dumps(SCHEMA)}'.encode() in start
