"""The page in a real browser: drawn, linked, read by keys and by ear, and quiet on the network.

Skipped where there is no Chromium; `.ci/run` installs it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from loadgen.measurement import Measurement
from loadgen.report.html import render
from tests.browsing import (
    EVERYWHERE,
    NEEDS_CHROMIUM,
    PAINTED,
    SCHEMES,
    Visit,
    axe_violations,
    launched,
    overflow_px,
    visited,
)
from tests.loadgen import judged, samples

pytestmark = NEEDS_CHROMIUM

FRAMES_TO_REDRAW = 100
"""The browser tells the page of a new scheme in its own time."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(whole()), encoding="utf-8")
    return path


def whole() -> Measurement:
    """A run that has something to show in every section."""
    return dataclasses.replace(
        samples.measurement(),
        slo=judged.violated().slo,
        baseline=judged.compared().baseline,
        rollback=judged.rolled_back().rollback,
    )


@pytest.fixture
def visit(browser: Browser, report: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """The report at the size and in the colours of the test's parameters."""
    size, scheme = getattr(request, "param", ("desktop", SCHEMES[0]))
    with visited(browser, report, size, scheme) as visit:
        yield visit


@EVERYWHERE
def test_charts_are_drawn_and_nothing_is_asked_for(visit: Visit, report: Path) -> None:
    canvases = visit.page.locator(".plot canvas").all()
    assert len(canvases) == 7
    assert min(canvas.evaluate(PAINTED) for canvas in canvases) > 5
    assert visit.complaints == []
    assert visit.asked_for == [report.as_uri()]


@EVERYWHERE
def test_the_page_is_as_wide_as_its_window(visit: Visit) -> None:
    assert overflow_px(visit.page) == 0


@EVERYWHERE
def test_axe_finds_nothing(visit: Visit) -> None:
    assert axe_violations(visit.page) == []


def test_arrow_keys_move_the_cursor_of_every_chart_over_time(visit: Visit) -> None:
    page = visit.page
    page.locator("#response-time .plot").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.locator("#reading").inner_text() == (
        "0:03: P50 95.4 ms, P95 245 ms, P99 399 ms, Max 812 ms"
    )
    assert page.locator("figure .where").all_inner_texts() == ["at 0:03"] * 6 + [""]
    assert page.locator("#throughput .legend b").first.inner_text() == "1,048/s"
    page.keyboard.press("End")
    assert page.locator("#cpu .where").inner_text() == "at 0:15"
    page.keyboard.press("ArrowRight")
    assert page.locator("#cpu .where").inner_text() == "at 0:15"
    page.keyboard.press("Home")
    assert page.locator("#cpu .where").inner_text() == "at 0:01"
    page.keyboard.press("Escape")
    assert page.locator("figure .where").all_inner_texts() == [""] * 7


def test_the_distribution_is_read_by_share(visit: Visit) -> None:
    page = visit.page
    page.locator("#distribution .plot").focus()
    page.keyboard.press("End")
    assert page.locator("#distribution .where").inner_text().startswith("at 99.9")
    assert page.locator("#throughput .where").inner_text() == ""


def test_pointing_at_one_chart_points_at_all(visit: Visit) -> None:
    plot = visit.page.locator("#throughput .u-over")
    plot.hover(position={"x": 0, "y": 20})
    assert visit.page.locator("figure .where").all_inner_texts() == ["at 0:01"] * 6 + [""]


def test_dragging_over_one_chart_zooms_into_all(visit: Visit) -> None:
    page = visit.page
    before = [canvas.evaluate("(canvas) => canvas.toDataURL()") for canvas in _canvases(page)]
    page.locator("#throughput .u-over").scroll_into_view_if_needed()
    box = page.locator("#throughput .u-over").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.3, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=4)
    page.mouse.up()
    page.mouse.move(0, 0)
    page.evaluate("new Promise((done) => requestAnimationFrame(done))")
    after = [canvas.evaluate("(canvas) => canvas.toDataURL()") for canvas in _canvases(page)]
    assert [old != new for old, new in zip(before, after, strict=True)] == [True] * 6 + [False]


def _canvases(page: Page) -> list[Any]:
    return page.locator(".plot canvas").all()


def test_colours_follow_the_system(visit: Visit) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    (canvas, *_) = _canvases(visit.page)
    light = visit.page.evaluate(background), canvas.evaluate("(canvas) => canvas.toDataURL()")
    visit.page.emulate_media(color_scheme="dark")
    assert visit.page.evaluate(background) != light[0]
    for _ in range(FRAMES_TO_REDRAW):
        visit.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        (canvas, *_) = _canvases(visit.page)
        if canvas.evaluate("(canvas) => canvas.toDataURL()") != light[1]:
            return
    pytest.fail("the chart is still drawn in the colours of the light scheme")


def test_charts_follow_the_window(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 800, "height": 900})
    visit.page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    width = visit.page.locator("#throughput .plot").evaluate("(plot) => plot.clientWidth")
    drawn = visit.page.locator("#throughput canvas").evaluate("(canvas) => canvas.clientWidth")
    assert drawn == width < 800


def test_it_prints_in_the_colours_and_width_of_paper(
    browser: Browser, report: Path, tmp_path: Path
) -> None:
    context = browser.new_context(color_scheme="dark")
    page = Visit(context.new_page(), report).page
    page.evaluate(
        """() => {
          const state = () => [getComputedStyle(document.body).backgroundColor,
            document.querySelector("#throughput canvas").clientWidth];
          window.seen = [state()];
          for (const name of ["beforeprint", "afterprint"]) {
            addEventListener(name, () => window.seen.push(state()));
          }
        }"""
    )
    screen = page.evaluate("window.seen[0]")
    assert page.pdf(path=tmp_path / "report.pdf", format="A4").startswith(b"%PDF")
    assert screen[0] != "rgb(255, 255, 255)"
    assert page.evaluate("window.seen") == [screen, ["rgb(255, 255, 255)", 680], screen]
    context.close()


def test_without_its_script_the_page_says_so_and_has_every_number(
    browser: Browser, report: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert "The charts need JavaScript" in page.locator("noscript").inner_text()
    page.locator("#throughput summary").click()
    assert page.locator("#throughput tbody tr").count() == 15
    assert page.locator("#throughput tbody tr").last.is_visible()
    context.close()
