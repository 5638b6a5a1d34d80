"""A page in a real browser, for the tests of all pages: what it complains of, what it asks for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

__all__ = [
    "EVERYWHERE",
    "NEEDS_CHROMIUM",
    "PAINTED",
    "SCHEMES",
    "SIZES",
    "Visit",
    "axe_violations",
    "launched",
    "overflow_px",
    "visited",
]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
]
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

NEEDS_CHROMIUM = pytest.mark.skipif(
    not CHROMIUM, reason="chromium is missing; run: sudo apt-get install chromium"
)
EVERYWHERE = pytest.mark.parametrize(
    "visit",
    [(size, scheme) for size in SIZES for scheme in SCHEMES],
    indirect=True,
    ids="-".join,
)
"""For tests with a fixture `visit` that takes a size and a scheme."""

PAINTED = """(canvas) => {
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(new Uint32Array(pixels.buffer)).size;
}"""
"""How many colours a canvas has; a blank one has one."""


class Visit:
    """A page that was opened, and everything it complained of or asked for."""

    def __init__(self, page: Page, report: Path) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(report.as_uri())

    @property
    def asked_for(self) -> list[str]:
        """What it loaded from anywhere, itself included."""
        return [url for url in self.requests if not url.startswith("data:")]


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser."""
    with pytest.MonkeyPatch.context() as patch:
        # `make sanitize` preloads AddressSanitizer into us; a browser does not start with it.
        patch.delenv("LD_PRELOAD", raising=False)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
            yield browser
            browser.close()


@contextmanager
def visited(
    browser: Browser, report: Path, size: str, scheme: Literal["light", "dark"]
) -> Iterator[Visit]:
    """A report at one of SIZES, in one of SCHEMES."""
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    yield Visit(context.new_page(), report)
    context.close()


def axe_violations(page: Page) -> list[str]:
    """What axe-core finds, with everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found: dict[str, Any] = page.evaluate("axe.run()")
    assert len(found["passes"]) > 20
    return [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def overflow_px(page: Page) -> int:
    """By how much the page is wider than its window."""
    wider: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return wider
