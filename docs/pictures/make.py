"""Makes the README's pictures of real runs: terminal.svg while one goes on, report.png after one.

Usage: python docs/pictures/make.py    (needs tmux and Chromium; a minute on an idle machine)
"""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.text import Text

from loadgen.target.launch import running_target

COLUMNS, ROWS = 92, 36
SESSION = "loadgen-picture"
SEEN_AFTER_S = 11.0
CONFIG = Path(__file__).resolve().parents[2] / "examples" / "loadgen.yml"
REPORT_WIDTH, REPORT_HEIGHT, REPORT_SCALE = 948, 1700, 1.9
"""CSS pixels, and how many of the picture's make one of them."""


def _tmux(*arguments: str) -> str:
    done = subprocess.run(["tmux", *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def _capture(command: str) -> str:
    """The screen as it looks in the middle of the command, with its colours."""
    size = ("-x", str(COLUMNS), "-y", str(ROWS))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(CONFIG, folder)
        _tmux("new-session", "-d", "-s", SESSION, "-c", folder, *size, command)
        try:
            time.sleep(SEEN_AFTER_S)
            return _tmux("capture-pane", "-e", "-p", "-t", SESSION)
        finally:
            _tmux("kill-session", "-t", SESSION)


def _report(page: Path) -> None:
    """Runs with a stall in its middle, and writes the HTML report."""
    shown = ["--pattern", "ramp-up", "--ramp", "10s", "-c", "60", "-d", "45s", "--warmup", "2s"]
    held = ["--objective", "throughput > 400", "--objective", "p95 < 250ms within 5s"]
    with running_target(
        latency="lognormal:40ms,0.5", error_rate="0.3%", stall="every:30s,for:0.6s"
    ) as url:
        options = ["--config", str(CONFIG), "--quiet", "--no-history", "--html", str(page)]
        command = [sys.executable, "-m", "loadgen", "run", url, *shown, *held, *options]
        subprocess.run(command, cwd=page.parent, check=False)


def _photograph(page: Path, picture: Path) -> None:
    """The upper part of the page, with the cursor in its charts."""
    size = {"width": REPORT_WIDTH, "height": REPORT_HEIGHT}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        view = browser.new_page(
            viewport=size, device_scale_factor=REPORT_SCALE, reduced_motion="reduce"
        )
        view.goto(page.as_uri())
        view.locator(".u-over").first.hover()
        view.evaluate("scrollTo(0, 0)")
        view.screenshot(path=picture)
        browser.close()


def make_report() -> None:
    """Writes report.png beside this file."""
    picture = Path(__file__).with_name("report.png")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        _report(page)
        _photograph(page, picture)
    print(f"written: {picture}")


def make_terminal() -> None:
    """Writes terminal.svg beside this file."""
    with running_target(latency="lognormal:20ms,0.4", error_rate="0.2%") as url:
        typed = ["loadgen", "run", url, "--rate", "500", "--duration", "20s"]
        screen = _capture(shlex.join([sys.executable, "-m", *typed]))
    console = Console(record=True, width=COLUMNS, force_terminal=True, file=io.StringIO())
    console.print(Text(f"$ {shlex.join(typed)}", style="bold"))
    console.print(Text.from_ansi(screen.rstrip()))
    picture = Path(__file__).with_name("terminal.svg")
    svg = console.export_svg(title="loadgen run")
    # The reader's own monospace font will do: a picture fetches nothing.
    picture.write_text(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL))
    print(f"written: {picture}")


if __name__ == "__main__":
    make_terminal()
    make_report()
