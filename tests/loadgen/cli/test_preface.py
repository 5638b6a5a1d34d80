"""The first lines of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

from loadgen.address import StaticName
from loadgen.cli.preface import preface
from loadgen.config.gate import GateSettings
from loadgen.config.settings import Settings
from loadgen.endpoint import Endpoint
from loadgen.itinerary import find_itinerary
from loadgen.judging import GateOptions
from loadgen.plan import Arrivals, Pattern, Plan, StageUnit
from loadgen.slow_engine import choice
from loadgen.tls import TlsOptions
from slo.grammar import parse

KNOWN = (StaticName.parse("h:1:192.0.2.7"), StaticName.parse("h:80:192.0.2.7"))


def _preface(plan: Plan, config_name: str = "", *, objectives: Sequence[str] = ()) -> list[str]:
    return preface(
        Settings(
            plan=plan,
            config_name=config_name,
            report_file=None,
            result_file=None,
            html_file=None,
            quiet=False,
            log_level="WARNING",
            gate=GateSettings(options=GateOptions(objectives=tuple(map(parse, objectives)))),
        ),
        find_itinerary(dataclasses.replace(plan, resolve=KNOWN)),
    )


def test_the_first_line_says_where_the_load_goes() -> None:
    assert _preface(Plan(target="http://127.0.0.1:1"))[0] == (
        "Load goes to http://127.0.0.1:1 (this machine)"
    )
    two = Plan(target="http://h:80", further_targets=("http://127.0.0.1:2",))
    assert _preface(two)[:2] == [
        "Load goes to http://h at 192.0.2.7 (private network, given by --resolve)",
        "Load goes to http://127.0.0.1:2 (this machine)",
    ]


def test_the_next_line_names_the_file_that_was_read() -> None:
    assert _preface(Plan(), "loadgen.yml")[1] == "Configuration: loadgen.yml, environment staging"
    assert _preface(Plan())[1] == "Configuration: no file, environment staging"


def test_a_run_that_verifies_nobody_says_so_before_it_begins() -> None:
    insecure = Plan(target="https://127.0.0.1", tls=TlsOptions(verify=False))
    assert [line for line in _preface(insecure) if line.startswith("INSECURE: ")]
    assert not [line for line in _preface(Plan(target="https://127.0.0.1")) if "INSECURE" in line]


def test_a_run_that_takes_the_slow_path_says_so_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    secure, plain = Plan(target="https://127.0.0.1"), Plan(target="http://127.0.0.1")
    assert not [line for line in _preface(secure) if "SLOW PATH" in line]
    monkeypatch.setattr(choice, "unavailable", lambda: "python3 has an OpenSSL inside")
    assert len([line for line in _preface(secure) if line.startswith("SLOW PATH: python3")]) == 1
    assert not [line for line in _preface(plain) if "SLOW PATH" in line]


def test_what_is_asked_for() -> None:
    assert _preface(Plan(target="http://h:1/p", method="PUT"))[2] == "Target: http://h:1/p, PUT"
    endpoints = (Endpoint(path="/a"), Endpoint(path="/b"))
    assert _preface(Plan(endpoints=endpoints))[2] == "Target: http://localhost:8000, 2 endpoints"
    assert _preface(Plan(endpoints=endpoints[:1]))[2].endswith("8000, 1 endpoint")


@pytest.mark.parametrize(
    ("plan", "line"),
    [
        (Plan(), "Load: sustained, 100 users, thinking 10ms..100ms, for 5m"),
        (
            Plan(pattern=Pattern.BURST, concurrency=1, warmup_s=10),
            "Load: burst, 1 user, 10 requests each, then 500ms..2s of pause, "
            "for 5m after 10s of warm-up",
        ),
        (Plan(pattern=Pattern.RAMP_UP), "Load: ramp-up, 1 to 100 users within 30s, for 5m"),
        (
            Plan(pattern=Pattern.RATE, arrivals=Arrivals.POISSON, connections=7),
            "Load: rate, 1000 requests/s, poisson, on 7 connections, for 5m",
        ),
        (
            Plan(pattern=Pattern.STAGES, stages=((0, 10), (60, 500))),
            "Load: stages, up to 500 users in 2 points, for 5m",
        ),
        (
            Plan(pattern=Pattern.STAGES, stages=((0, 1.5),), stage_unit=StageUnit.RATE),
            "Load: stages, up to 1.5 requests/s in 1 points, for 5m",
        ),
    ],
)
def test_what_the_load_is(plan: Plan, line: str) -> None:
    assert _preface(plan)[3] == line


def test_how_it_is_made() -> None:
    assert _preface(Plan(workers=3, seed=9))[4] == "Workers: 3, precision exact, seed 9"
    assert _preface(Plan())[4].startswith("Workers: as many as this machine allows")


@pytest.mark.parametrize(
    ("objectives", "line"),
    [
        (["p99 < 1s"], "Judged by: 1 objective"),
        (["p99 < 1s", "error_rate < 1%"], "Judged by: 2 objectives"),
    ],
)
def test_how_many_objectives_it_is_held_against(objectives: list[str], line: str) -> None:
    assert _preface(Plan(), objectives=objectives)[-1] == line
    assert not any(text.startswith("Judged by") for text in _preface(Plan()))
