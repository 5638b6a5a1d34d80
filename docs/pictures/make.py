"""Makes terminal.svg: a real run in a real terminal (tmux), as it looked while it went on.

Usage: python docs/pictures/make.py    (needs tmux; takes about 15 s on an otherwise idle machine)
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

from rich.console import Console
from rich.text import Text

from loadgen.target.launch import running_target

COLUMNS, ROWS = 92, 36
SESSION = "loadgen-picture"
SEEN_AFTER_S = 11.0
CONFIG = Path(__file__).resolve().parents[2] / "examples" / "loadgen.yml"


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


def main() -> None:
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
    main()
