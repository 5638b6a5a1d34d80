"""Pushes to Debian's Pushgateway, asked for by PromQL of Debian's Prometheus that scrapes it."""

from __future__ import annotations

import dataclasses
import logging
import socket
import time
from collections.abc import Iterator

import pytest

from loadgen.publish.options import Grouping, PushOptions
from loadgen.publish.pushgateway import FINISH_S, Pusher
from loadgen.secret import Secret
from tests.loadgen import samples
from tests.loadgen.publish.judgements import VIOLATED, judged
from tests.loadgen.publish.monitoring import (
    NEEDS_MONITORING,
    Prometheus,
    running_prometheus,
    running_pushgateway,
)
from tests.scripted import HELLO, Peer, read_request, scripted_server
from tests.secured import Authority

FULL = samples.measurement()
EPOCH = "loadtest-1737973800"  # date -u -d 2025-01-27T10:30:00 +%s


@pytest.fixture(scope="module")
def monitoring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Prometheus]]:
    with (
        running_pushgateway() as gateway,
        running_prometheus(gateway, tmp_path_factory.mktemp("prometheus")) as prometheus,
    ):
        yield f"http://{gateway}", prometheus


def push(options: PushOptions) -> list[str]:
    """Pushes the end of a run and returns the warnings."""
    warnings: list[str] = []
    Pusher(options, warn=warnings.append).finish(judged(FULL, VIOLATED))
    return warnings


@NEEDS_MONITORING
def test_the_guide_s_metrics_with_its_labels(monitoring: tuple[str, Prometheus]) -> None:
    url, prometheus = monitoring
    assert push(PushOptions(url=url)) == []
    group = f'{{job="loadtest", instance="{EPOCH}"}}'
    for name, expected in {
        "latency_p50_ms": FULL.total.latency.p50_ms,
        "latency_p95_ms": FULL.total.latency.p95_ms,
        "latency_p99_ms": FULL.total.latency.p99_ms,
        "throughput_rps": FULL.throughput_rps,
        "error_rate_percent": FULL.total.error_rate_percent,
        "slo_passed": 0,
        "slo_violations_count": 2,
    }.items():
        assert prometheus.value(f"loadtest_{name}{group}") == pytest.approx(expected)


@NEEDS_MONITORING
def test_the_native_series_answers_what_dashboards_ask(
    monitoring: tuple[str, Prometheus],
) -> None:
    url, prometheus = monitoring
    assert push(PushOptions(url=url, job="native")) == []
    # The quantile that Prometheus takes from our buckets lies in the bucket of ours.
    p95_s = prometheus.value(
        'histogram_quantile(0.95, sum by (le) (loadgen_response_time_seconds_bucket{job="native"}))'
    )
    assert 0.25 < p95_s < 0.5
    assert FULL.total.latency.p95_ms is not None
    assert 0.25 < FULL.total.latency.p95_ms / 1e3 < 0.5
    errors = prometheus.values(
        'sum by (endpoint) (loadgen_requests_total{job="native", outcome="failed"}) > 0'
    )
    assert errors == {("/api/orders",): 19.0, ("/api/analytics",): 3.0}


@NEEDS_MONITORING
def test_a_stable_group_holds_the_latest_run_only(monitoring: tuple[str, Prometheus]) -> None:
    url, prometheus = monitoring
    options = PushOptions(url=url, job="stable", grouping=Grouping.STABLE)
    assert push(options) == []
    assert prometheus.value('loadtest_slo_violations_count{job="stable"}') == 2
    warnings: list[str] = []
    later = dataclasses.replace(
        FULL, run=dataclasses.replace(FULL.run, id="later", environment="staging")
    )
    Pusher(options, warn=warnings.append).finish(later)
    # The later run had no objectives: those of the earlier one are gone.
    assert prometheus.values('loadtest_slo_violations_count{job="stable"}', wanted=False) == {}
    groups = prometheus.values('sum by (instance) (loadgen_run_info{job="stable"})')
    assert groups == {("localhost:8000/staging",): 1.0}
    assert warnings == []


@NEEDS_MONITORING
def test_a_group_can_be_taken_back(monitoring: tuple[str, Prometheus]) -> None:
    url, prometheus = monitoring
    warnings: list[str] = []
    pusher = Pusher(PushOptions(url=url, job="fleeting", delete_on_exit=True), warn=warnings.append)
    pusher.push(FULL)
    assert prometheus.value('loadgen_run_finished{job="fleeting"}') == 0
    pusher.finish(FULL)
    assert prometheus.values('loadgen_run_finished{job="fleeting"}', wanted=False) == {}
    assert warnings == []


# The hash: htpasswd -nbBC 4 pusher kn0wn-t0-b0th
WEB_CONFIG = """
tls_server_config: {{cert_file: {folder}/server.pem, key_file: {folder}/server.key}}
basic_auth_users:
  pusher: $2y$04$dacSbXhBas31IP1navU/7O5eUPvTl4LQMTmkc/rWHAvlmUY6.d3ha
"""


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A Pushgateway with TLS that knows one user, and the file of its authority."""
    folder = tmp_path_factory.mktemp("secured")
    authority = Authority.in_folder(folder)
    issued = authority.ca.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(folder / "server.pem")
    issued.private_key_pem.write_to_path(folder / "server.key")
    config = folder / "web.yml"
    config.write_text(WEB_CONFIG.format(folder=folder))
    with running_pushgateway(web_config=config) as gateway:
        yield f"https://{gateway}", authority.ca_file


@NEEDS_MONITORING
@pytest.mark.parametrize(
    ("password", "trusted", "complaint"),
    [
        ("kn0wn-t0-b0th", True, ""),
        ("wrong-one", True, "answered 401"),
        ("kn0wn-t0-b0th", False, "certificate"),
    ],
)
def test_tls_and_a_password(
    secured: tuple[str, str], password: str, trusted: bool, complaint: str
) -> None:
    url, ca_file = secured
    warnings = push(
        PushOptions(
            url=url,
            login=("pusher", Secret(password)),
            ca_file=ca_file if trusted else None,
        )
    )
    assert len(warnings) == bool(complaint)
    assert all(complaint in text and password not in text for text in warnings)


def test_a_gateway_that_is_not_there_is_warned_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    warnings: list[str] = []
    options = PushOptions(url=f"http://me:hidden-word@127.0.0.1:{port}")
    pusher = Pusher(options, warn=warnings.append)
    for _ in range(3):
        pusher.push(FULL)
    pusher.finish(FULL)
    assert len(warnings) == 1
    assert f"http://127.0.0.1:{port}" in warnings[0]
    assert "hidden-word" not in warnings[0] + repr(options) + caplog.text


def test_a_gateway_that_does_not_answer_holds_nobody_up() -> None:
    def silence(connection: socket.socket, _: int, __: Peer) -> None:
        read_request(connection)
        connection.recv(1)  # until the client gives up

    warnings: list[str] = []
    with scripted_server(silence) as peer:
        pusher = Pusher(PushOptions(url=f"http://127.0.0.1:{peer.port}"), warn=warnings.append)
        before_s = time.monotonic()
        for _ in range(100):
            pusher.push(FULL)
        assert time.monotonic() - before_s < 1.0
        pusher.finish(FULL)
        assert time.monotonic() - before_s < FINISH_S
    assert [text.split(": ")[2] for text in warnings] == [
        "no answer in time; the run goes on without it, further failures are not told"
    ]


def test_an_answer_that_is_no_success_is_quoted() -> None:
    def refuse(connection: socket.socket, _: int, peer: Peer) -> None:
        read_request(connection, peer)
        connection.sendall(HELLO.replace(b"200 OK", b"400 Bad Request"))

    warnings: list[str] = []
    with scripted_server(refuse) as peer:
        Pusher(PushOptions(url=f"http://127.0.0.1:{peer.port}/base"), warn=warnings.append).finish(
            FULL
        )
    assert len(warnings) == 1
    assert "it answered 400 (hello)" in warnings[0]
    assert "/***:" in warnings[0]
