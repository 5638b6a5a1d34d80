"""Makes the README's pictures, all of real runs: terminal.svg, report.png, canary.png, rollout.png.

Usage: python -m docs.pictures.make [terminal|report|canary|rollout ...]
(needs tmux, Chromium and HAProxy; all of them take six minutes on an idle machine)
"""

from __future__ import annotations

import io
import json
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

from benchmarks.live_traffic import LiveTraffic
from benchmarks.proxies import running_haproxy
from loadgen.target.launch import running_target
from rollout.routers.haproxy import HaproxyRouter

COLUMNS, ROWS = 92, 36
SESSION = "loadgen-picture"
SEEN_AFTER_S = 11.0
CONFIG = Path(__file__).resolve().parents[2] / "examples" / "loadgen.yml"
REPORT_WIDTH, REPORT_HEIGHT, REPORT_SCALE = 948, 1700, 1.9
"""CSS pixels, and how many of the picture's make one of them."""
CANARY_HEIGHT, ROLLOUT_HEIGHT = 1580, 1240


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


def _photograph(page: Path, picture: Path, *, height: int = REPORT_HEIGHT) -> None:
    """The upper part of the page, with the cursor in its charts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        view = browser.new_page(
            viewport={"width": REPORT_WIDTH, "height": height},
            device_scale_factor=REPORT_SCALE,
            reduced_motion="reduce",
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


def make_canary() -> None:
    """Writes canary.png beside this file: orders are slower by half, and the page says so."""
    picture = Path(__file__).with_name("canary.png")
    usual, slow = "lognormal:20ms,0.4", "/api/orders=lognormal:32ms,0.4"
    with (
        tempfile.TemporaryDirectory() as folder,
        running_target(latency=usual, seed=1) as baseline_url,
        running_target(latency=usual, slow=slow, seed=2) as canary_url,
    ):
        page = Path(folder) / "canary.html"
        sides = ["--baseline-url", baseline_url, "--canary-url", canary_url]
        held = ["--compare-rate", "100", "--compare-duration", "150s", "--precision", "cpu"]
        options = ["--config", str(CONFIG), "--quiet", "--html", str(page)]
        command = [sys.executable, "-m", "loadgen", "canary", *sides, *held, *options]
        subprocess.run(command, cwd=folder, check=False)
        _photograph(page, picture, height=CANARY_HEIGHT)
    print(f"written: {picture}")


def make_rollout() -> None:
    """Writes rollout.png beside this file: what `make demo-rollout` promotes, with a probe."""
    picture = Path(__file__).with_name("rollout.png")
    latency = "lognormal:10ms,0.4"
    with (
        tempfile.TemporaryDirectory() as folder,
        running_target(latency=latency, seed=1) as stable_url,
        running_target(latency=latency, error_rate="8%", seed=2) as canary_url,
        running_haproxy(stable_url, canary_url) as proxy,
    ):
        assert isinstance(proxy.router, HaproxyRouter)
        config = {
            "rollout": {
                "url": f"{proxy.url}/api/products",
                "stable_url": f"{stable_url}/api/products",
                "canary_url": f"{canary_url}/api/products",
                "router": {"kind": "haproxy", "socket": proxy.router.socket, "backend": "app"},
                "stages": [
                    {"name": f"{percentage}% Traffic", "percentage": percentage, "duration": 30}
                    for percentage in (5, 25, 50, 100)
                ],
                "on_inconclusive": "promote",
            },
        }
        (Path(folder) / "loadgen.yml").write_text(json.dumps(config))  # JSON is YAML
        page = Path(folder) / "rollout.html"
        traffic = LiveTraffic(f"{proxy.url}/api/products", 100)
        traffic.start()
        options = ["--deployment", "shop-v2", "--probe", "--yes", "--quiet", "--html", str(page)]
        command = [sys.executable, "-m", "loadgen", "rollout", *options]
        subprocess.run(command, cwd=folder, check=False)
        traffic.stop()
        _photograph(page, picture, height=ROLLOUT_HEIGHT)
    print(f"written: {picture}")


PICTURES = {
    "terminal": make_terminal,
    "report": make_report,
    "canary": make_canary,
    "rollout": make_rollout,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or PICTURES:
        PICTURES[name]()
