"""When did the packets really go? Reads a capture of loopback TCP, and pairs it up. Pure.

Of each connection, an exchange begins with the packet that carries the request and ends with
the first packet that carries bytes of the answer. One request at a time on each connection.
Source: pcap file format, draft-ietf-opsawg-pcap; RFC 791 and RFC 9293 for the headers.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Segment", "exchanges_s", "segments"]

MAGIC_NS = 0xA1B23C4D  # "nanosecond" pcap, as tcpdump --nano writes it
MAGIC_US = 0xA1B2C3D4
LINK_ETHERNET = 1  # also loopback's
ETHERNET_BYTES = 14
TCP = 6


class Segment(NamedTuple):
    """A TCP segment over IPv4.

    Attributes:
        at_ns: when the kernel saw it.
        payload_bytes: of TCP, whether captured or not.
    """

    at_ns: int
    source_port: int
    destination_port: int
    payload_bytes: int


def segments(capture: bytes) -> Iterator[Segment]:
    """The TCP segments of a capture file, in its order; a record cut off at the end is left out.

    Raises:
        ValueError: it is not a pcap file of an Ethernet-like interface.
    """
    order, tick_ns = _byte_order(capture)
    (link,) = struct.unpack_from(f"{order}I", capture, 20)
    if link != LINK_ETHERNET:
        raise ValueError(f"pcap: link type {link}, expected {LINK_ETHERNET} (Ethernet or loopback)")
    record = struct.Struct(f"{order}IIII")
    at = 24
    while at + record.size <= len(capture):
        seconds, fraction, captured, _ = record.unpack_from(capture, at)
        ip = at + record.size + ETHERNET_BYTES
        at += record.size + captured
        if at > len(capture) or captured < ETHERNET_BYTES + 40 or capture[ip] >> 4 != 4:
            continue
        if capture[ip + 9] != TCP:
            continue
        ip_bytes = (capture[ip] & 0xF) * 4
        (total_bytes,) = struct.unpack_from("!H", capture, ip + 2)
        tcp = ip + ip_bytes
        source, destination = struct.unpack_from("!HH", capture, tcp)
        tcp_bytes = (capture[tcp + 12] >> 4) * 4
        yield Segment(
            seconds * 1_000_000_000 + fraction * tick_ns,
            source,
            destination,
            total_bytes - ip_bytes - tcp_bytes,
        )


def _byte_order(capture: bytes) -> tuple[str, int]:
    for order in "<>":
        (magic,) = struct.unpack_from(f"{order}I", capture) if len(capture) >= 24 else (0,)
        if magic in (MAGIC_NS, MAGIC_US):
            return order, 1 if magic == MAGIC_NS else 1000
    raise ValueError("pcap: not a capture file: its magic number is unknown")


def exchanges_s(capture: bytes, server_port: int) -> list[float]:
    """Seconds from request out to first answer byte in, of every whole exchange.

    Args:
        capture: a pcap file's bytes.
        server_port: of the server under test; the other port tells connections apart.
    """
    asked_ns: dict[int, int] = {}
    found: list[float] = []
    for segment in segments(capture):
        if segment.payload_bytes <= 0:
            continue
        if segment.destination_port == server_port:
            asked_ns.setdefault(segment.source_port, segment.at_ns)
        elif segment.source_port == server_port:
            began_ns = asked_ns.pop(segment.destination_port, None)
            if began_ns is not None:
                found.append((segment.at_ns - began_ns) / 1e9)
    return found
