"""The pages in a real browser: drawn, linked, read by ear, quiet on the network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from rollout.report import rollout_html, shadow_html, verification_html
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
from tests.rollout.report import rolled, verified
from tests.rollout.shadow.samples import failed_result

pytestmark = NEEDS_CHROMIUM

COMPARISON = ("evidence", "both-response-times", "both-errors", "both-requests")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages, a file each."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        "verification": verification_html.render(verified.full()),
        "shadow": shadow_html.render(failed_result()),
        "rollout": rollout_html.render(rolled.rolled_back()),
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def visit(browser: Browser, folder: Path, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A verification's page at the size and in the colours of the test's parameters."""
    size, scheme = getattr(request, "param", ("desktop", SCHEMES[0]))
    with visited(browser, folder / "verification.html", size, scheme) as visit:
        yield visit


@EVERYWHERE
def test_a_verification_is_drawn_and_fits_its_window(visit: Visit, folder: Path) -> None:
    canvases = visit.page.locator(".plot canvas").all()
    assert len(canvases) == 6
    assert min(canvas.evaluate(PAINTED) for canvas in canvases) > 5
    assert overflow_px(visit.page) == 0
    assert visit.complaints == []
    assert visit.asked_for == [(folder / "verification.html").as_uri()]


# Each page in both schemes and sizes, but not all four: axe takes seconds for the large tables.
@pytest.mark.parametrize("visit", [("phone", "dark"), ("desktop", "light")], indirect=True)
def test_a_verification_can_be_read_by_everybody(visit: Visit) -> None:
    assert axe_violations(visit.page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_shadow_test_can_be_read_by_everybody_on_a_phone(
    browser: Browser, folder: Path, scheme: str
) -> None:
    with visited(browser, folder / "shadow.html", "phone", SCHEMES[scheme == "dark"]) as visit:
        assert overflow_px(visit.page) == 0
        assert axe_violations(visit.page) == []
        assert visit.complaints == []


@pytest.mark.parametrize(("size", "scheme"), [("phone", SCHEMES[0]), ("desktop", SCHEMES[1])])
def test_a_rollout_is_drawn_and_can_be_read_by_everybody(
    browser: Browser, folder: Path, size: str, scheme: Literal["light", "dark"]
) -> None:
    with visited(browser, folder / "rollout.html", size, scheme) as visit:
        canvases = visit.page.locator(".plot canvas").all()
        assert len(canvases) == 5
        assert min(canvas.evaluate(PAINTED) for canvas in canvases) > 5
        assert overflow_px(visit.page) == 0
        assert axe_violations(visit.page) == []
        assert visit.complaints == []


def test_the_charts_of_the_comparison_share_a_cursor_that_others_do_not(visit: Visit) -> None:
    page = visit.page
    page.locator("#evidence .plot").focus()
    page.keyboard.press("End")
    where = {name: page.locator(f"#{name} .where").inner_text() for name in COMPARISON}
    assert set(where.values()) == {"at 1:15"}
    assert page.locator("#load-throughput .where").inner_text() == ""
    page.keyboard.press("Home")
    assert page.locator("#both-errors .where").inner_text() == "at \N{MINUS SIGN}0:24"
    said = page.locator("#reading").inner_text()
    assert said.startswith("\N{MINUS SIGN}0:24: ")


def test_intervals_are_drawn_beside_their_numbers(visit: Visit) -> None:
    row = visit.page.locator("tr", has_text="1.29× to 1.36×").first
    zero, _, interval, *_ = [
        float(line.get_attribute("x1") or "nan") for line in row.locator("svg line").all()
    ]
    assert zero == 90
    assert interval > zero
