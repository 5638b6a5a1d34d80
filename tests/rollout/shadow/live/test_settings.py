"""The options of a live shadow test, from texts to values."""

from __future__ import annotations

from typing import Any

import pytest

from loadgen.errors import ConfigError
from rollout.shadow.live.settings import Limits, LiveSettings

SIDES: dict[str, Any] = {
    "listen": ":8080",
    "production_url": "http://prod:8000",
    "canary_url": "http://canary:8000",
}


def test_the_texts_become_values() -> None:
    settings = LiveSettings.parse(
        **SIDES,
        baseline_url="https://base.example",
        sample="10%",
        methods="post, PUT",
        idempotency_header="Idempotency-Key",
        processes="2",
        rate_limit="50/s",
        concurrency_limit="8",
        timeout="500ms",
        body_limit="64k",
        memory_limit="10M",
        duration="5m",
        cacert="ca.pem",
    )
    assert (settings.host, settings.port) == ("", 8080)
    assert [side.url for side in settings.sides] == [
        "http://prod:8000",
        "http://canary:8000",
        "https://base.example",
    ]
    assert settings.selection.sample_ratio == pytest.approx(0.1)
    assert settings.selection.methods == {"POST", "PUT"}
    assert settings.limits == Limits(
        rate_rps=50, concurrency=8, timeout_s=0.5, body_bytes=64_000, memory_bytes=10_000_000
    )
    assert (settings.processes, settings.duration_s) == (2, 300.0)
    assert (settings.tls.verify, settings.tls.ca_file) == (True, "ca.pem")


def test_without_a_baseline_there_are_two_sides_and_no_end() -> None:
    settings = LiveSettings.parse(**SIDES)
    assert len(settings.sides) == 2
    assert settings.duration_s is None


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        LiveSettings.parse(
            listen="8080",
            production_url="prod:8000",
            canary_url="http://canary/api",
            sample="110%",
            methods="POST",
            processes="0",
            timeout="soon",
        )
    options = [problem.partition(":")[0] for problem in caught.value.problems]
    assert sorted(options) == [
        "--canary-url",
        "--listen",
        "--methods",
        "--processes",
        "--production-url",
        "--sample",
        "--timeout",
    ]


def test_a_path_in_a_url_is_refused_with_the_url_to_use() -> None:
    with pytest.raises(ConfigError, match=r"use http://canary$"):
        LiveSettings.parse(**{**SIDES, "canary_url": "http://canary/api"})


def test_the_parts_of_the_memory_are_the_whole() -> None:
    limits = Limits(memory_bytes=8_000)
    parts = (
        limits.captures_bytes,
        limits.channels_bytes,
        limits.queue_bytes,
        limits.outlet_bytes,
    )
    assert sum(parts) == 8_000
