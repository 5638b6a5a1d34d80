from __future__ import annotations

from dataclasses import replace

import pytest

from loadgen.doctor import Finding, Level, checks, examine
from loadgen.doctor.box import Interruptions
from tests.loadgen.doctor.boxes import GOOD


def test_a_good_box_has_nine_good_findings() -> None:
    findings = examine(GOOD, concurrency=100)
    assert len({finding.what for finding in findings}) == 9
    assert {finding.level for finding in findings} == {Level.OK}


def test_a_box_that_hides_everything_is_not_blamed() -> None:
    hidden = replace(
        GOOD,
        files_soft=None,
        files_hard=None,
        ports=None,
        tw_reuse=None,
        somaxconn=None,
        governors=frozenset(),
        clocksource="",
    )
    assert {finding.level for finding in examine(hidden, concurrency=10**6)} == {Level.OK}


def _interrupted(share: float) -> Finding:
    return checks.quiet(
        Interruptions(watched_s=2.0, lost_s=2 * share, longest_s=0.004, steal_percent=0)
    )


@pytest.mark.parametrize(
    ("finding", "level", "advice"),
    [
        pytest.param(
            checks.open_files(164, concurrency=100, workers=1), Level.OK, "", id="just enough"
        ),
        pytest.param(
            checks.open_files(163, concurrency=100, workers=1),
            Level.FAIL,
            "ulimit -Hn 164",
            id="one file too few",
        ),
        pytest.param(
            checks.open_files(163, concurrency=100, workers=2), Level.OK, "", id="shared by two"
        ),
        pytest.param(
            checks.ports((1_000, 1_999), 1, concurrency=800), Level.OK, "", id="ports enough"
        ),
        pytest.param(
            checks.ports((1_000, 1_999), 1, concurrency=801),
            Level.WARN,
            "ip_local_port_range",
            id="ports scarce",
        ),
        pytest.param(
            checks.ports((1_000, 1_999), 1, concurrency=1_001),
            Level.FAIL,
            "ip_local_port_range",
            id="ports too few",
        ),
        pytest.param(
            checks.ports((1_000, 6_999), 0, concurrency=10),
            Level.WARN,
            "no more than 100 new connections/s",
            id="6,000 ports, each blocked for 60 s",
        ),
        pytest.param(checks.backlog(128, concurrency=128), Level.OK, "", id="backlog enough"),
        pytest.param(
            checks.backlog(128, concurrency=129), Level.WARN, "somaxconn=129", id="backlog short"
        ),
        pytest.param(checks.cores(1, 8), Level.WARN, "--no-pin", id="one core"),
        pytest.param(checks.cores(2, 2), Level.OK, "", id="two cores"),
        pytest.param(checks.cpu_quota(8.0, cores_allowed=8), Level.OK, "", id="quota of all cores"),
        pytest.param(checks.cpu_quota(2.5, cores_allowed=8), Level.WARN, "--workers 2", id="quota"),
        pytest.param(
            checks.cpu_quota(0.5, cores_allowed=8), Level.FAIL, "--workers 1", id="half a core"
        ),
        pytest.param(
            checks.cpu_governor(frozenset({"performance", "powersave"})),
            Level.WARN,
            "-g performance",
            id="one slow core",
        ),
        pytest.param(checks.clock("kvm-clock"), Level.OK, "", id="kvm"),
        pytest.param(checks.clock("hpet"), Level.WARN, "clocksource=tsc", id="hpet"),
        pytest.param(_interrupted(0.009), Level.OK, "", id="quiet"),
        pytest.param(_interrupted(0.011), Level.WARN, "dedicated", id="not quite quiet"),
        pytest.param(_interrupted(0.26), Level.FAIL, "dedicated", id="crowded"),
        pytest.param(checks.steal(0.9), Level.OK, "", id="own cores"),
        pytest.param(checks.steal(1.1), Level.WARN, "dedicated", id="some steal"),
        pytest.param(checks.steal(26.0), Level.FAIL, "dedicated", id="much steal"),
    ],
)
def test_level_and_advice(finding: Finding, level: Level, advice: str) -> None:
    assert finding.level is level
    assert advice in finding.remedy


def test_says_what_it_saw() -> None:
    assert _interrupted(0.011).observed == "1.1 %, longest 4 ms"
    assert checks.cpu_quota(2.5, cores_allowed=8).observed == "2.5 cores"
    assert checks.open_files(20_000, concurrency=100, workers=1).observed == "20,000 per process"
