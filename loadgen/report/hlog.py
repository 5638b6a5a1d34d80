"""Response times as an HdrHistogram interval log (`.hlog`), for the tools that read it. Pure.

One interval, the measured time: a line for all requests, then one a tag for each endpoint.
Values are nanoseconds; nothing is rounded, since our buckets are those of an HdrHistogram.

Source: HdrHistogram (github.com/HdrHistogram/HdrHistogram), classes AbstractHistogram
(encoding V2), ZigZagEncoding and HistogramLogWriter (log format 1.3).
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import quote

import numpy as np

from slo.histogram import FINE_BITS, MAX_NS

if TYPE_CHECKING:
    from loadgen.measurement import Measurement
    from slo.histogram import Histogram

__all__ = ["encode", "render"]

COOKIE = 0x1C849303 | 0x10
"""Encoding V2; 0x10: counts are at most 8 bytes wide."""
COMPRESSED_COOKIE = 0x1C849304 | 0x10
HEADER = struct.Struct(">iiiiqqd")
"""Cookie, bytes that follow the header, normalizing index offset, significant digits, lowest
and highest trackable value, ratio of integers to doubles."""
COMPRESSED_HEADER = struct.Struct(">ii")
"""Cookie, bytes that follow."""
SIGNIFICANT_DIGITS = 3
"""2 * 10^3 unit values need 2048 of them: the 2^(FINE_BITS + 1) that our layout begins with."""
_LEGEND = '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"'
_LEB_BITS = 7
_LEB_BYTES = 9
"""The ninth byte has eight bits of value and no flag."""


def render(measurement: Measurement) -> str:
    """The log of a run. Times of the log are seconds, its column Interval_Max is in ms."""
    started_at = measurement.run.started_at.astimezone(UTC)
    epoch_s = started_at.timestamp() + measurement.run.warmup_s
    lines = [
        "#[Histogram log format version 1.3]",
        f"#[Run {measurement.run.id}: response times in nanoseconds]",
        f"#[StartTime: {epoch_s:.3f} (seconds since epoch), {started_at:%Y-%m-%dT%H:%M:%SZ} "
        "and the warm-up]",
        _LEGEND,
        _interval(measurement.total.latency, measurement.run.duration_s),
        *(
            f"Tag={_tag(one.name)},{_interval(one.tally.latency, measurement.run.duration_s)}"
            for one in measurement.endpoints
        ),
    ]
    return "\n".join(lines) + "\n"


def encode(histogram: Histogram) -> bytes:
    """A histogram in the compressed encoding V2, as base64.

    Raises:
        ValueError: it does not have the layout of an HdrHistogram of three digits.
    """
    if histogram.bits != FINE_BITS:
        raise ValueError(
            f"histogram of {histogram.bits} bits: expected {FINE_BITS}, the precision of three "
            "significant digits"
        )
    counts = b"".join(_varint(_zigzag(word)) for word in _words(histogram))
    header = HEADER.pack(COOKIE, len(counts), 0, SIGNIFICANT_DIGITS, 1, MAX_NS, 1.0)
    packed = zlib.compress(header + counts)
    return base64.b64encode(COMPRESSED_HEADER.pack(COMPRESSED_COOKIE, len(packed)) + packed)


def _interval(histogram: Histogram, length_s: float) -> str:
    return f"0.000,{length_s:.3f},{histogram.max_ns / 1e6:.3f},{encode(histogram).decode()}"


def _tag(name: str) -> str:
    """A name as a tag, which has neither commas nor spaces."""
    return quote(name, safe="/?&=:;@!$'()*+~{}[]|<>\"#^`")


def _words(histogram: Histogram) -> Iterator[int]:
    """Counts up to the last one that is not zero; a run of zeros is its negative length."""
    before = -1
    for index in np.flatnonzero(histogram.counts).tolist():
        zeros = index - before - 1
        if zeros:
            yield -zeros
        yield int(histogram.counts[index])
        before = index


def _zigzag(value: int) -> int:
    """Signed to unsigned, small stays small: 0, -1, 1, -2 become 0, 1, 2, 3."""
    return (value << 1) ^ (value >> 63)


def _varint(value: int) -> bytes:
    """LEB128 of 64 bits in at most nine bytes."""
    octets = bytearray()
    while value >> _LEB_BITS and len(octets) < _LEB_BYTES - 1:
        octets.append(value & 0x7F | 0x80)
        value >>= _LEB_BITS
    octets.append(value)
    return bytes(octets)
