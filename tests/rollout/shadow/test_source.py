"""Sources of a shadow test: results are read, traffic is replayed."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from loadgen.config.file import parse_config
from loadgen.errors import ConfigError
from loadgen.interrupts import Interrupts
from loadgen.target_url import Target
from loadgen.tls import TlsOptions
from rollout.shadow.recorded.replay import ReplaySettings
from rollout.shadow.result import ShadowResult
from rollout.shadow.result_file import dumps, to_dict
from rollout.shadow.source import accepted_ratio, shadow_of_source
from slo.canary import CanaryVerdict
from tests.rollout.shadow.answering import answering
from tests.rollout.shadow.samples import failed_result

LOG = "\n".join(
    f'{{"time": {number}, "method": "GET", "path": "/users/{number}"}}' for number in range(20)
)


def from_source(source: Path, *urls: str, config: str = "limits: {max_rps: 1}") -> ShadowResult:
    interrupts = Interrupts()
    try:
        return shadow_of_source(
            source,
            ReplaySettings(targets=tuple(map(Target.parse, urls)), speed=math.inf),
            parse_config(config, "loadgen.yml", lambda _: b"").config.shadow,
            tls=TlsOptions(),
            interrupts=interrupts,
        )
    finally:
        interrupts.close()


def test_a_result_is_read(tmp_path: Path) -> None:
    file = tmp_path / "shadow.json"
    file.write_text(dumps(failed_result()), encoding="utf-8")
    found = from_source(file, "http://a.example", "http://b.example")
    assert to_dict(found) == to_dict(failed_result())


def test_traffic_is_replayed_by_the_rules_of_the_config(tmp_path: Path) -> None:
    file = tmp_path / "access.log"
    file.write_text(LOG, encoding="utf-8")
    counter = iter(range(10**6))
    with (
        answering(lambda *_: {"ts": next(counter), "n": 1.0}) as production,
        answering(lambda *_: {"ts": next(counter), "n": 1.001}) as canary,
    ):
        strict = from_source(file, production.url, canary.url)
        rules = "shadow: {ignore: {json: $.ts}, tolerance: {$.n: 1%}, max_mismatch: 50%}"
        lenient = from_source(file, production.url, canary.url, config=rules)
    assert (strict.verdict, strict.mismatched) == (CanaryVerdict.FAIL, 20)
    assert (lenient.verdict, lenient.mismatched) == (CanaryVerdict.PASS, 0)
    assert lenient.max_mismatch_ratio == 0.5


def test_what_is_accepted_without_a_word() -> None:
    assert accepted_ratio(None) == 0.01


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with answering(lambda *_: 200) as server, pytest.raises(ConfigError, match="cannot be read"):
        from_source(tmp_path / "nothing", server.url, server.url)
