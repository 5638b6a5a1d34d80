"""A replay from file to result, with real servers."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from loadgen.errors import ConfigError, TargetError
from loadgen.interrupts import Interrupts
from loadgen.target_url import Target
from loadgen.tls import TlsOptions
from rollout.shadow.conclusion import Course, conclude
from rollout.shadow.ledger import Ledger
from rollout.shadow.recorded.recording import Recording
from rollout.shadow.recorded.replay import ReplaySettings
from rollout.shadow.recorded.session import replay
from rollout.shadow.scrub import Scrubber
from slo.canary import CanaryVerdict
from tests.rollout.shadow.answering import answering
from tests.rollout.shadow.pairs import ledger


def log(path: Path, *targets: str) -> Path:
    lines = [
        f'1.2.3.4 - - [25/Nov/2026:10:30:00 +0000] "{each} HTTP/1.1" 200 1' for each in targets
    ]
    path.write_text("\n".join([*lines, "what is this"]), encoding="utf-8")
    return path


def replayed(path: Path, *urls: str, asked: int = 0) -> tuple[Course, Ledger]:
    sink = ledger()
    interrupts = Interrupts()
    for _ in range(asked):
        interrupts.ask()
    try:
        course = replay(
            ReplaySettings(targets=tuple(map(Target.parse, urls)), speed=math.inf),
            Recording(path, host="127.0.0.1", scrubber=Scrubber()),
            sink,
            tls=TlsOptions(),
            interrupts=interrupts,
        )
    finally:
        interrupts.close()
    return course, sink


def test_from_a_log_to_a_verdict(tmp_path: Path) -> None:
    targets = [f"GET /users/{number}" for number in range(50)]
    file = log(tmp_path / "access.log", *targets, "POST /users")
    with (
        answering(lambda _, target: {"name": target}) as production,
        answering(lambda _, target: {"name": target, "new": True}) as canary,
    ):
        course, sink = replayed(file, production.url, canary.url)
    assert course.source == str(file)
    assert course.seen == 52
    assert _counter(course) == {"method not mirrored": 1, "cannot be read": 1}
    assert course.unreadable == ('line 52: no [time] "request" status: what is this',)
    result = conclude(sink, course)
    assert result.verdict is CanaryVerdict.FAIL
    assert result.seen == result.pairs + sum(result.not_compared.values())
    [endpoint] = result.endpoints
    assert (endpoint.name, endpoint.mismatched) == ("GET /users/{id}", 50)
    assert [(field.name, field.kind) for field in endpoint.fields] == [
        ("json $.new", "only in the canary")
    ]


def _counter(course: Course) -> dict[str, int]:
    return {reason: count for reason, count in course.not_compared.items() if count}


def test_the_same_server_is_said(tmp_path: Path) -> None:
    file = log(tmp_path / "access.log", "GET /")
    with answering(lambda *_: 200) as server:
        course, _ = replayed(file, server.url, server.url)
    assert "are the same server" in course.notes[0]


def test_a_canary_that_is_down_is_found_before_anything_is_sent(tmp_path: Path) -> None:
    file = log(tmp_path / "access.log", "GET /")
    with answering(lambda *_: 200) as canary:
        pass
    with answering(lambda *_: 200) as production:
        with pytest.raises(TargetError, match="cannot be connected to"):
            replayed(file, production.url, canary.url)
        assert production.requests == []


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with answering(lambda *_: 200) as server, pytest.raises(ConfigError, match="cannot be read"):
        replayed(tmp_path / "access.log", server.url, server.url)


def test_an_interrupt_ends_it(tmp_path: Path) -> None:
    file = log(tmp_path / "access.log", *["GET /"] * 15_000)
    with answering(lambda *_: 200) as server:
        course, sink = replayed(file, server.url, server.url, asked=1)
    assert any("interrupted" in note for note in course.notes)
    assert course.seen < 15_000
    assert course.seen == sink.pairs + sum(course.not_compared.values())


def test_a_canary_that_drowns_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rollout.shadow.live.brake.FIRST_PAUSE_NS", 1_000_000)
    monkeypatch.setattr("rollout.shadow.live.brake.LONGEST_PAUSE_NS", 1_000_000)
    file = log(tmp_path / "access.log", *["GET /"] * 1_000)
    with answering(lambda *_: 200) as production, answering(lambda *_: 503) as canary:
        course, sink = replayed(file, production.url, canary.url)
    [note] = course.notes
    assert note.startswith("The replay has stopped itself: the canary was drowning 5 times")
    assert course.seen == sink.pairs + sum(course.not_compared.values())
