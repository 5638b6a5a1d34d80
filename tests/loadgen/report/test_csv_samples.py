"""Raw samples as the csv module reads them back."""

from __future__ import annotations

import csv

import numpy as np

from loadgen.arena import ERROR_CLASSES
from loadgen.report.csv_samples import header, rows
from loadgen.sample_rings import SAMPLE

ORIGIN_NS = 7_000_000_000
TIMEOUT = ERROR_CLASSES.index("timeout") + 1
REFUSED = ERROR_CLASSES.index("connect_refused") + 1


def read(*samples: tuple[int, ...]) -> list[dict[str, str]]:
    text = rows(
        np.array(list(samples), SAMPLE), worker=3, origin_ns=ORIGIN_NS, endpoints=("/", "/a,b")
    )
    return list(csv.DictReader((header() + text).splitlines()))


def test_an_answer() -> None:
    times_ns = (7_000_000_001, 7_000_000_950, 7_250_000_000, 19_000_000_000)
    assert read((*times_ns, 512, 1, 404, 0)) == [
        {
            "worker": "3",
            "endpoint": "/a,b",
            "intended_s": "0.000000001",
            "sent_s": "0.000000950",
            "first_byte_s": "0.250000000",
            "done_s": "12.000000000",
            "status": "404",
            "error": "",
            "body_bytes": "512",
        }
    ]


def test_what_did_not_happen_is_empty() -> None:
    silent, refused = read(
        (8_000_000_000, 8_000_000_001, 0, 9_000_000_000, 0, 0, 0, TIMEOUT),
        (8_000_000_000, 0, 0, 8_100_000_000, 0, 0, 0, REFUSED),
    )
    assert (silent["sent_s"], silent["first_byte_s"]) == ("1.000000001", "")
    assert (silent["status"], silent["error"]) == ("", "timeout")
    assert (refused["sent_s"], refused["error"]) == ("", "connect_refused")


def test_nothing_is_no_line() -> None:
    assert read() == []
