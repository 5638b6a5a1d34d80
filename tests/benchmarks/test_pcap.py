"""Captures written here byte by byte, as the pcap and TCP/IP documents say."""

from __future__ import annotations

import struct

import pytest

from benchmarks.pcap import Segment, exchanges_s, segments

SERVER, CLIENT, OTHER = 8080, 40_001, 40_002


def _packet(
    source: int, destination: int, payload_bytes: int, *, ip_options: int = 0, protocol: int = 6
) -> bytes:
    """Ethernet, IPv4 and TCP headers with 12 bytes of TCP options; the payload is cut off."""
    ip_words, tcp_words = 5 + ip_options, 8
    total = 4 * (ip_words + tcp_words) + payload_bytes
    ip = struct.pack(
        "!BBHHHBBH4s4s",
        0x40 | ip_words,
        0,
        total,
        0,
        0,
        64,
        protocol,
        0,
        b"\x7f\0\0\1",
        b"\x7f\0\0\1",
    )
    tcp = struct.pack("!HHIIBBHHH12x", source, destination, 0, 0, tcp_words << 4, 0x18, 0, 0, 0)
    return b"\0" * 12 + b"\x08\0" + ip + b"\0" * (4 * ip_options) + tcp


def _capture(
    *records: tuple[int, bytes], order: str = "<", magic: int = 0xA1B23C4D, link: int = 1
) -> bytes:
    """A pcap file; each record is (nanoseconds, packet)."""
    unit_ns = 1 if magic == 0xA1B23C4D else 1000
    head = struct.pack(f"{order}IHHiIII", magic, 2, 4, 0, 0, 96, link)
    return head + b"".join(
        struct.pack(
            f"{order}IIII",
            at_ns // 10**9,
            at_ns % 10**9 // unit_ns,
            len(packet),
            len(packet),
        )
        + packet
        for at_ns, packet in records
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("magic", [0xA1B23C4D, 0xA1B2C3D4])
def test_both_byte_orders_and_both_clocks_are_read(order: str, magic: int) -> None:
    capture = _capture(
        (1_700_000_000_000_001_000, _packet(CLIENT, SERVER, 42)), order=order, magic=magic
    )
    assert list(segments(capture)) == [Segment(1_700_000_000_000_001_000, CLIENT, SERVER, 42)]


def test_ip_options_do_not_move_the_ports() -> None:
    capture = _capture((5, _packet(CLIENT, SERVER, 7, ip_options=2)))
    assert list(segments(capture)) == [Segment(5, CLIENT, SERVER, 7)]


def test_what_is_not_tcp_is_left_out() -> None:
    assert list(segments(_capture((5, _packet(CLIENT, SERVER, 7, protocol=17))))) == []


def test_a_record_cut_off_at_the_end_is_left_out() -> None:
    capture = _capture((5, _packet(CLIENT, SERVER, 7)), (6, _packet(CLIENT, SERVER, 8)))
    assert [each.payload_bytes for each in segments(capture[:-1])] == [7]


@pytest.mark.parametrize("capture", [b"", b"\0" * 24, b"not a capture file at all"])
def test_other_files_are_refused(capture: bytes) -> None:
    with pytest.raises(ValueError, match="not a capture file"):
        list(segments(capture))


def test_other_links_are_refused() -> None:
    with pytest.raises(ValueError, match="link type 113"):
        list(segments(_capture(link=113)))


def test_an_exchange_lasts_from_the_request_to_the_first_bytes_of_its_answer() -> None:
    capture = _capture(
        (1_000, _packet(CLIENT, SERVER, 0)),  # a bare acknowledgement
        (2_000, _packet(CLIENT, SERVER, 50)),
        (3_000, _packet(OTHER, SERVER, 50)),
        (4_000, _packet(SERVER, CLIENT, 0)),
        (52_000, _packet(SERVER, CLIENT, 100)),
        (60_000, _packet(SERVER, CLIENT, 100)),  # more of the same answer
        (73_000, _packet(SERVER, OTHER, 100)),
        (80_000, _packet(CLIENT, SERVER, 50)),  # never answered
    )
    assert exchanges_s(capture, SERVER) == pytest.approx([50e-6, 70e-6])


def test_a_request_in_two_packets_begins_with_the_first() -> None:
    capture = _capture(
        (1_000, _packet(CLIENT, SERVER, 50)),
        (2_000, _packet(CLIENT, SERVER, 50)),
        (9_000, _packet(SERVER, CLIENT, 100)),
    )
    assert exchanges_s(capture, SERVER) == pytest.approx([8e-6])
