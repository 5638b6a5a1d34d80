"""The slowest requests: what is said of their parts is what the parts' percentiles support."""

from __future__ import annotations

import pytest

from loadgen.measurement import Measurement
from loadgen.report.diagnosis.clue import Clue
from loadgen.report.diagnosis.tail import clues
from slo.histogram import COARSE_BITS, Histogram
from slo.metric import Phase
from tests.loadgen.report.diagnosis.runs import endpoint, judged, run, tally, times


def texts(m: Measurement) -> list[str]:
    return [clue.text for clue in clues(m)]


def only(m: Measurement) -> Clue:
    [clue] = clues(m)
    return clue


SLOW = times((980, 10.0), (20, 100.0))
"""Of 1,000 requests 2 % take 100 ms: P99 is 100 ms, P95 and the median are 10 ms."""
QUICK = times((1_000, 2.0))
TRIP = times((20, 0.2))
"""Connecting takes 0.2 ms: at most a tenth of everything else here."""


def split(**parts: Histogram) -> Measurement:
    """A run whose response times are SLOW, with other parts as given."""
    given = {Phase(name): histogram for name, histogram in parts.items()}
    return run(tally(times={Phase.LATENCY: SLOW, **given}))


def test_a_slow_first_byte_is_the_targets_when_a_round_trip_is_short() -> None:
    clue = only(split(service=SLOW, ttfb=SLOW, connect=TRIP))
    assert clue.text == (
        "1 in 100 requests waited 100 ms or longer for the first byte of its answer, and P99 of "
        "the response time is 100 ms: a round trip, as seen in connecting, is 200 µs at the "
        "median, so that it is the target and not the network."
    )
    assert clue.weight == 1.0


def test_a_part_is_never_longer_than_the_whole() -> None:
    """Its buckets are wider: the middle of the one that 62.6 ms is in is 62.7 ms."""
    slow = [(900, 10.0), (99, 62.6), (1, 70.0)]
    whole, part = times(*slow), times(*slow, bits=COARSE_BITS)
    assert (whole.p99_ms or 0) < (part.p99_ms or 0)
    m = run(tally(times={Phase.LATENCY: whole, Phase.SERVICE: part, Phase.TTFB: part}))
    assert texts(m)[0].startswith(
        "1 in 100 requests waited 62.6 ms or longer for the first byte of its answer, and P99 of "
        "the response time is 62.6 ms: "
    )


@pytest.mark.parametrize(
    ("connect_ms", "end"),
    [
        (7.0, "7.00 ms at the median, so that it is the target and not the network."),
        (70.0, "70.0 ms at the median, 70.0 % of that, so that it is mostly the network."),
        (30.0, "30.0 ms at the median, 30.0 % of that; the rest is the target's."),
    ],
)  # fmt: skip
def test_a_long_round_trip_is_the_networks(connect_ms: float, end: str) -> None:
    connect = times((20, connect_ms))
    assert only(split(service=SLOW, ttfb=SLOW, connect=connect)).text.endswith(end)


def test_without_connections_nobody_knows_what_the_network_takes() -> None:
    text = only(split(service=SLOW, ttfb=SLOW)).text
    assert text.endswith("is 100 ms: the target or the network takes it.")


def test_the_time_to_read_an_answer_is_bounded_from_below() -> None:
    """P99 of the service time is 100 ms, P99.5 of the first byte 2 ms: at least 98 ms remain."""
    m = split(service=SLOW, ttfb=QUICK)
    assert texts(m) == [
        "At least 1 in 200 answers took 98.0 ms or longer from its first byte to its last; they "
        "have 1.0 KiB on average: check their size, the bandwidth, and whether the target sends "
        "while it still computes."
    ]


def test_nothing_is_said_of_reading_when_the_first_byte_may_explain_all() -> None:
    """1 % of the answers have a slow first byte and 1 % are slow: possibly the same ones."""
    first = times((990, 2.0), (10, 100.0))
    assert not any("first byte to its last" in text for text in texts(split(ttfb=first)))


WAITED = times((980, 0.001), (20, 90.0))


@pytest.mark.parametrize(
    ("evidence", "end", "symptom"),
    [
        (
            {"open_loop": True, "planned_requests": 1_000.0, "waited": 20, "own_lag_p99_ms": 0.05},
            "the generator's own lag is 50.0 µs at P99, so that it is a queue for free "
            "connections, in which 20 of 1,000 requests waited over 1 ms: all are busy with "
            "earlier requests, so raise --connections, or the target is the limit.",
            True,
        ),
        (
            {"waited": 20, "own_lag_p99_ms": 0.05},
            "so that it is connecting anew, for which 20 of 1,000 requests waited over 1 ms: check "
            "who closes connections.",
            True,
        ),
        (
            {"held": 30, "waited": 2, "cap_rps": 100, "own_lag_p99_ms": 0.05},
            "so that it is the limit that was set: 30 requests were held back by limits.max_rps.",
            True,
        ),
        (
            {"waited": 20, "own_lag_p99_ms": 20.0},
            "the generator's own lag is 20.0 ms at P99, the rest is connecting anew, for which 20 "
            "of 1,000 requests waited over 1 ms: check who closes connections.",
            True,
        ),
        (
            {"own_lag_p99_ms": 80.0},
            "the generator's own lag is 80.0 ms at P99, so that it is the generator: lower the "
            "load or add workers.",
            False,
        ),
    ],
)
def test_waiting_before_a_request_is_sent(
    evidence: dict[str, object], end: str, symptom: bool
) -> None:
    parts = {Phase.LATENCY: SLOW, Phase.LAG: WAITED, Phase.SERVICE: QUICK, Phase.TTFB: QUICK}
    m = run(tally(times=parts), evidence=evidence)
    clue = only(m)
    assert clue.text.startswith("1 in 100 requests waited 90.0 ms or longer before it was sent, ")
    assert clue.text.endswith(end)
    assert (clue.weight >= 1.0) is symptom


def test_a_tail_of_timeouts_is_called_that() -> None:
    m = run(tally(errors={"timeout": 20}, times={Phase.LATENCY: SLOW}))
    assert texts(m) == [
        "P99 is how long timeouts lasted, as more than 1 in 100 requests had no answer in time."
    ]


def test_few_requests_are_explained_by_p95_and_fewer_not_at_all() -> None:
    assert texts(run(tally(499)))[0].startswith("1 in 20 requests waited 10.0 ms or longer")
    assert texts(run(tally(99))) == []


def test_a_run_in_which_many_requests_have_no_time_is_not_explained() -> None:
    """Of 1,000 requests 20 were reset: the parts are not of the same requests any more."""
    m = run(tally(980, times={Phase.LAG: times((1_000, 0.001))}))
    assert texts(m) == []


def test_no_time_at_all_is_not_explained() -> None:
    assert texts(run(tally(1_000, 0.0))) == []


@pytest.mark.parametrize(
    ("response_ms", "objectives", "symptom"),
    [
        (10.0, (), False),
        (10.0, ("p99 < 20ms", "error_rate < 1%"), False),
        (10.0, ("p99 < 5ms",), True),
        (10.0, ("mean < 5ms",), True),
        (10.0, ("throughput > 1000000/s",), False),
        (501.0, (), True),
    ],
)
def test_a_slow_run_has_symptoms_and_a_quick_one_explanations(
    response_ms: float, objectives: tuple[str, ...], symptom: bool
) -> None:
    m = run(tally(1_000, response_ms))
    clue = only(judged(m, *objectives) if objectives else m)
    assert (clue.weight > 1.0) is symptom


def shop(*tallies: tuple[str, Histogram]) -> Measurement:
    parts = {name: tally(each.n, times={Phase.LATENCY: each}) for name, each in tallies}
    whole = times()
    for _, each in tallies:
        whole = whole + each
    total = tally(whole.n, times={Phase.LATENCY: whole, Phase.TTFB: times((whole.n, 0.1))})
    return run(total, *(endpoint(name, part) for name, part in parts.items()))


def of_endpoints(m: Measurement) -> list[str]:
    return [text for text in texts(m) if "slowest" in text]


def test_one_endpoint_has_most_of_the_slowest_requests() -> None:
    m = shop(
        ("/api/orders", times((1_000, 100.0))),
        ("/api/users", times((8_994, 10.0), (6, 100.0))),
    )
    assert of_endpoints(m) == [
        "/api/orders has 99.40 % of the slowest 1 in 100 requests and 10.0 % of all: check what "
        "only it does."
    ]


def test_all_endpoints_share_the_slowest_requests() -> None:
    slow = times((980, 10.0), (20, 100.0))
    assert of_endpoints(shop(("/a", slow), ("/b", slow))) == [
        "The slowest 1 in 100 requests are of all 2 endpoints, each about as often as it is "
        "asked: check what they share."
    ]


@pytest.mark.parametrize(
    "m",
    [
        # /b and /c are slow more often than they are asked, and none of them is the one.
        shop(
            ("/a", times((1_593, 10.0), (7, 100.0))),
            ("/b", times((192, 10.0), (8, 100.0))),
            ("/c", times((191, 10.0), (9, 100.0))),
        ),
        # Too few slow ones to tell whose they are.
        shop(("/a", times((293, 10.0), (7, 100.0))), ("/b", times((297, 10.0), (3, 100.0)))),
        # One that was not asked is nobody to compare with.
        shop(("/a", times((980, 10.0), (20, 100.0))), ("/b", times())),
    ],
)
def test_nothing_is_said_of_endpoints_when_nothing_is_clear(m: Measurement) -> None:
    assert of_endpoints(m) == []
