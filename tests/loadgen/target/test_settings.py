from __future__ import annotations

import pytest

from loadgen.errors import ConfigError
from loadgen.target.delay import AT_ONCE, Constant, LogNormal
from loadgen.target.settings import Behaviour, Settings
from loadgen.target.stall import Stall


def test_reads_every_option() -> None:
    settings = Settings.parse(
        listen="[::1]:8080",
        processes="3",
        latency="lognormal:20ms,0.5",
        error_rate="1%",
        stall="every:10s,for:1s",
        chunked=True,
        body_size="10k",
        seed="7",
    )
    assert settings == Settings(
        host="::1",
        port=8080,
        processes=3,
        behaviour=Behaviour(
            latency=LogNormal(0.02, 0.5),
            error_share=0.01,
            stall=Stall(every_ns=10_000_000_000, for_ns=1_000_000_000),
            chunked=True,
            body_bytes=10_000,
            seed=7,
        ),
    )


def test_without_options_it_is_the_plain_server() -> None:
    settings = Settings.parse()
    assert settings == Settings()
    assert not settings.behaviour.waits


def test_every_address_is_the_empty_host() -> None:
    assert Settings.parse(listen=":80").host == ""


@pytest.mark.parametrize(
    ("latency", "stall", "waits"),
    [("0ms", "", False), ("1ms", "", True), ("0", "every:1s,for:1ms", True)],
)
def test_knows_whether_answers_wait(latency: str, stall: str, waits: bool) -> None:
    assert Settings.parse(latency=latency, stall=stall).behaviour.waits is waits


def test_reports_every_mistake_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        Settings.parse(
            listen="8000", processes="0", latency="x", error_rate="2", stall="x", body_size="-1"
        )
    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "--listen",
        "--latency",
        "--error-rate",
        "--stall",
        "--body-size",
        "--processes",
    ]


@pytest.mark.parametrize("listen", ["localhost:99999", "localhost:", "x"])
def test_a_port_is_a_port(listen: str) -> None:
    with pytest.raises(ConfigError, match="--listen: found"):
        Settings.parse(listen=listen)


def test_one_path_is_slower_than_the_others() -> None:
    behaviour = Settings.parse(slow="/api/search=50ms").behaviour
    assert behaviour.latency_of("/api/search") == Constant(0.05)
    assert behaviour.latency_of("/api/users") == AT_ONCE
    assert behaviour.waits


@pytest.mark.parametrize("slow", ["/api/search", "/api/nowhere=50ms", "other=1ms", "/api/search=x"])
def test_a_path_that_is_none_of_the_targets_is_refused(slow: str) -> None:
    with pytest.raises(ConfigError, match=r"^--slow: found "):
        Settings.parse(slow=slow)
