"""The Markdown report: the guide's section to the letter, and tables that stay tables."""

from __future__ import annotations

import dataclasses
import re

import pytest

from loadgen.measurement import Measurement
from loadgen.report.markdown import render, section
from slo.histogram import Histogram
from tests.loadgen import samples
from tests.loadgen.report.diagnosis.runs import judged

FULL = samples.measurement()

GUIDE = """\
## 📊 Load Test Performance Results

**Timestamp:** 2025-01-27 10:30:00  
**Status:** ✅ PASSED  
**Auto-rollback Triggered:** No  

### Performance Metrics

| Metric | Value | Unit |
|--------|-------|------|
| Total Requests | 15,750 | requests |
| Duration | 15.0 | seconds |
| Throughput | 1,050.0 | req/sec |
| Error Rate | 0.15 | % |
| P50 Latency | 95.5 | ms |
| P95 Latency | 245.2 | ms |
| P99 Latency | 398.6 | ms |
"""  # noqa: W291 - two spaces are Markdown's line break
"""The guide's own example, but for a duration in which its counts are possible, and for P99,
whose bucket (398.46 to 398.72 ms) has its middle at 398.6."""


def guide_example() -> Measurement:
    """A measurement with the guide's numbers: ranks put each percentile where it stands."""
    ms = 1_000_000
    values_ns = [
        *[int(95.5 * ms)] * 14_000,
        *[int(245.2 * ms)] * 1_500,
        *[int(398.7 * ms)] * 250,
    ]
    latency = Histogram.from_values(values_ns)
    whole = samples.tally(15_750, 1.0)
    times = {**whole.times, next(iter(whole.times)): latency}
    total = dataclasses.replace(
        whole, succeeded=15_726, failed=24, status_codes={200: 15_726, 500: 24}, times=times
    )
    return dataclasses.replace(FULL, total=total)


def cells(line: str) -> int:
    return len(re.findall(r"(?<!\\)\|", line))


def test_the_guides_section_stands_at_the_top_word_for_word() -> None:
    text = render(guide_example())
    assert text.startswith(GUIDE + "\n### What This Points To\n")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize(
    ("measurement", "status"),
    [
        (FULL, "✅ PASSED"),
        (samples.measurement(requests=300, own_lag_p99_ms=20.0), "✅ PASSED"),
        (samples.measurement(requests=300, own_lag_p99_ms=200.0), "⚠️ INCONCLUSIVE"),
        (samples.empty_measurement(), "❌ FAILED"),
    ],
)
def test_status(measurement: Measurement, status: str) -> None:
    assert f"**Status:** {status}  \n" in render(measurement)


def test_the_deployment_report_gets_the_guides_sections_and_nothing_else() -> None:
    assert section(guide_example()) == GUIDE
    violated = judged(guide_example(), "p95 <= 200ms", "throughput >= 2000/s")
    assert section(violated) == GUIDE.replace("✅ PASSED", "❌ FAILED") + (
        "\n## ❌ SLO Violations\n\n"
        "- P95 latency 245.2ms exceeds threshold 200ms\n"
        "- Throughput 1050.0 req/sec below threshold 2000 req/sec\n"
    )


def test_what_the_run_points_to_is_a_list() -> None:
    clues = render(FULL).partition("\n### What This Points To\n\n")[2].partition("\n\n")[0]
    assert "- /api/orders has 86.4 % of the failures and 30.0 % of the requests" in clues
    assert all(line.startswith("- ") for line in clues.splitlines())
    assert "### What This Points To\n\nNothing stands out.\n" in render(
        samples.measurement(requests=20)
    )


def test_what_was_run_and_how_it_went_stands_below() -> None:
    text = render(FULL)
    for row in (
        "| Target | `http://localhost:8000` |",
        "| Load | sustained, 100 users |",
        "| Measured | 15s |",
        "| Seed | 42 |",
        "| Plan | `9f86d081884c7d65` |",
        "**VALID**: the numbers are about the target.",
        "| Own lag P99 | 41.2 µs |",
        "| CPU of each worker | 34 %, 36 % |",
        "| HTTP 500 | 13 | 0.082 % |",
        "| timeout | 3 | 0.019 % |",
        "15,760 sent = 15,738 succeeded + 22 failed + 0 in flight at the end.",
        "2s, not part of any number above: 2,012 sent, 2,010 succeeded, 2 failed.",
    ):
        assert f"\n{row}\n" in text
    assert re.search(
        r"\n\| `/api/orders` \| 30 % \| 4,728 \| 0\.40 % \| 315\.2 \| 1\d\d ms \|", text
    )
    assert re.search(r"\n\| P99\.9 \| \d+ ms \| \d+ ms \| \d+ ms \| – \| \S+ µs \|\n", text)


def test_reasons_and_notes_are_a_list() -> None:
    text = render(samples.measurement(requests=300, open_loop=True, steal_percent=9.0, waited=5))
    assert (
        "**SUSPECT**: the numbers may in part be about the generator.\n\n- The hypervisor" in text
    )
    assert "\n- Arrivals that waited for a free connection: 5." in text
    assert "| Load | sustained, 0.0 req/s |" in text


def test_an_interrupted_run_says_how_far_it_came() -> None:
    run = dataclasses.replace(FULL.run, interrupted=True, planned_s=300.0, warmup_s=0.0)
    text = render(dataclasses.replace(FULL, run=run))
    assert "| Measured | 15s of 5m 00s, ended early |" in text
    assert "\n\nEnded early by the user.\n\n" in text
    assert text.endswith("### Warm-up\n\nNone.\n")


def test_a_run_without_requests_has_no_empty_tables() -> None:
    text = render(samples.empty_measurement())
    assert "The run could not be done: worker 1 was killed by SIGKILL.\n" in text
    assert "| P99 Latency | – | ms |" in text
    assert "### Percentiles\n\nNone.\n" in text
    assert "### Errors and Status Codes\n\nNone.\n" in text
    assert "| CPU of each worker | 34 %, 36 % |" in text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/search?q=a|b", r"`/search?q=a\|b`"),
        ("a `quoted` name", "`` a `quoted` name ``"),
        ("two\nlines", "`two lines`"),
        ("<script>*x*</script>", "`<script>*x*</script>`"),
    ],
)
def test_any_name_stays_in_its_cell(name: str, shown: str) -> None:
    endpoint = dataclasses.replace(FULL.endpoints[0], name=name)
    text = render(dataclasses.replace(FULL, endpoints=(endpoint,)))
    (line,) = [line for line in text.splitlines() if line.startswith(f"| {shown} |")]
    assert cells(line) == 10


def test_answers_that_failed_a_check_follow_the_outcomes() -> None:
    text = render(samples.measurement_with_checks())
    assert "\n- 4 failed a check: body without an expected text\n" in text
    assert "\n#### First Answers That Failed a Check\n" in text
    assert r"| `` <b>`oops`\|</b> <script>alert(1)</script>\n `` |" in text
    assert "First Answers" not in render(FULL)


def test_a_failure_cannot_write_markup() -> None:
    run = dataclasses.replace(FULL.run, failure="worker <0> said *no*\n# and more")
    text = render(dataclasses.replace(FULL, run=run))
    assert "worker \\<0\\> said \\*no\\* \\# and more.\n" in text


@pytest.mark.parametrize(
    "measurement",
    [FULL, samples.empty_measurement(), guide_example(), samples.measurement_with_checks()],
)
def test_every_table_has_as_many_cells_in_each_row(measurement: Measurement) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", render(measurement), flags=re.MULTILINE)
    assert len(tables) >= 4
    for table in tables:
        assert len({cells(line) for line in table.splitlines()}) == 1
        assert len(table.splitlines()) >= 3
