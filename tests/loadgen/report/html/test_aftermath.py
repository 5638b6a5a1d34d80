"""What a page says of the run before, and of a rollback; of runs of tests/loadgen/judged.py."""

from __future__ import annotations

import dataclasses

from loadgen.report.html import render
from loadgen.report.html.aftermath import baseline, rollback
from tests.loadgen import judged, samples


def test_a_run_with_neither_says_nothing_of_them() -> None:
    assert (baseline(samples.measurement()), rollback(samples.measurement())) == ("", "")


def test_each_value_stands_beside_the_baseline_s() -> None:
    shown = baseline(judged.compared())
    assert "cannot be told (20250127T103000Z-3f2a91, margin 5 %)." in shown
    assert shown.count("<tr>") > 7
    for cell in ("100.4 ms", "can't tell", "/api/health"):
        assert cell in shown
    for title in ("Baseline", "Now", "Change", "Verdict"):
        assert f">{title}</th>" in shown
    assert "Only in" not in shown


def test_endpoints_that_only_one_run_has_are_named() -> None:
    run = judged.compared()
    assert run.baseline is not None
    comparison = dataclasses.replace(run.baseline.comparison, only_in_current=("/new", "/<b>"))
    other = dataclasses.replace(run.baseline, comparison=comparison)
    shown = baseline(dataclasses.replace(run, baseline=other))
    assert "Only in this run: /new, /&lt;b&gt;" in shown
    assert "Only in the baseline" not in shown


def test_a_rollback_and_its_last_words() -> None:
    shown = rollback(judged.rolled_back(succeeded=False))
    assert "<p>The rollback did not succeed.</p>" in shown
    assert "<pre>error: &lt;forbidden&gt;</pre>" in shown


def test_the_page_tells_both_before_it_explains() -> None:
    run = dataclasses.replace(judged.compared(), rollback=judged.rolled_back().rollback)
    page = render(run)
    titles = ("Rollback</h2>", "Beside the baseline</h2>", "What this points to</h2>")
    places = [page.index(title) for title in titles]
    assert places == sorted(places)
