"""A box without fault, to be spoilt in one place at a time."""

from __future__ import annotations

from loadgen.doctor import Box
from loadgen.doctor.box import Interruptions

__all__ = ["GOOD"]

GOOD = Box(
    files_soft=1_024,
    files_hard=1_048_576,
    ports=(32_768, 60_999),
    tw_reuse=2,
    somaxconn=4_096,
    quota_cores=None,
    governors=frozenset({"performance"}),
    clocksource="tsc",
    cores_allowed=8,
    cores_online=8,
    interruptions=Interruptions(watched_s=0.5, lost_s=0.0005, longest_s=5e-5, steal_percent=0.0),
)
