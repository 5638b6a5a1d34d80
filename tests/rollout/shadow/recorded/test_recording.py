"""Files with recorded traffic: their kind, their timing, what could not be read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from loadgen.errors import ConfigError
from rollout.shadow.recorded import recording
from rollout.shadow.recorded.entry import Entry
from rollout.shadow.recorded.recording import LONGEST_LINE_BYTES, Recording
from rollout.shadow.scrub import Scrubber


def line(second: int, target: str = "/") -> str:
    return f'1.2.3.4 - - [25/Nov/2026:10:30:{second:02} +0000] "GET {target} HTTP/1.1" 200 1'


def read(path: Path) -> tuple[Recording, list[Entry]]:
    found = Recording(path, host="shop.example.com", scrubber=Scrubber())
    return found, list(found.entries())


def saved(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_requests_of_a_second_are_spread_over_it(tmp_path: Path) -> None:
    seconds = [5, 5, 5, 5, 6, 7, 7, 6, 9]
    _, found = read(saved(tmp_path / "a.log", "\n".join(map(line, seconds))))
    assert [each.at_s for each in found] == [0, 0.25, 0.5, 0.75, 1, 2, 2.5, 2.5, 4]


def test_a_crowded_second_takes_bounded_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "MOST_IN_A_SECOND", 2)
    _, found = read(saved(tmp_path / "a.log", "\n".join(map(line, [5, 5, 5, 5, 6]))))
    assert [each.at_s for each in found] == pytest.approx([0, 0.5, 1, 1, 1])


def test_times_with_fractions_stay(tmp_path: Path) -> None:
    lines = [
        json.dumps({"msec": 1795602600 + at, "method": "GET", "path": "/"})
        for at in (0.125, 0.25, 0.5)
    ]
    _, found = read(saved(tmp_path / "a.log", "\n".join(lines)))
    assert [each.at_s for each in found] == pytest.approx([0, 0.125, 0.375])


def test_what_cannot_be_read_is_counted_and_the_first_shown(tmp_path: Path) -> None:
    lines = ["# a comment", "", line(1), "mail ada@example.com", *["no"] * 5, line(2)]
    found, entries = read(saved(tmp_path / "a.log", "\n".join(lines)))
    assert len(entries) == 2
    assert (found.seen, found.unreadable) == (8, 6)
    assert found.shown[0] == 'line 4: no [time] "request" status: mail ***'
    assert len(found.shown) == 3


def test_long_lines_are_one_line(tmp_path: Path) -> None:
    long = "x" * (3 * LONGEST_LINE_BYTES)
    found, entries = read(saved(tmp_path / "a.log", f"{line(1)}\n{long}\n{line(2)}\n"))
    assert len(entries) == 2
    assert (found.seen, found.unreadable) == (3, 1)
    assert found.shown[0].startswith("line 2: longer than 65536 bytes: xxx")


HAR = {
    "log": {
        "entries": [
            {
                "startedDateTime": "2026-11-25T10:30:00Z",
                "request": {"method": "GET", "url": "https://shop.example.com/a"},
            },
            {"request": {"method": "GET", "url": "https://cdn.example.com/b"}},
            {"request": {"method": "GET", "url": "https://shop.example.com/c"}},
        ]
    }
}


@pytest.mark.parametrize("indent", [None, 2])
def test_archives_are_known_however_they_are_written(tmp_path: Path, indent: int | None) -> None:
    found, entries = read(saved(tmp_path / "shop.json", json.dumps(HAR, indent=indent)))
    assert [each.target for each in entries] == ["/a"]
    assert (found.seen, found.unreadable, found.elsewhere) == (3, 1, 1)


def test_packed_files_are_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "a.log.gz"
    path.write_bytes(gzip.compress(line(1).encode()))
    assert len(read(path)[1]) == 1
    path.write_bytes(gzip.compress(line(1).encode() * 1000)[:50])
    with pytest.raises(ConfigError, match=r"a\.log\.gz: cannot be read"):
        read(path)
    path.write_text(line(1), encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read"):
        read(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"--replay: .*cannot be read \(No such file"):
        read(tmp_path / "a.log")


def test_an_empty_file_has_nothing(tmp_path: Path) -> None:
    found, entries = read(saved(tmp_path / "a.log", ""))
    assert (found.seen, entries) == (0, [])


def test_an_archive_that_is_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "LARGEST_ARCHIVE_BYTES", 50)
    with pytest.raises(ConfigError, match="more than 50 bytes"):
        read(saved(tmp_path / "shop.har", json.dumps(HAR, indent=2)))
