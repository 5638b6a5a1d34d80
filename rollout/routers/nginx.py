"""Moves traffic in nginx by a file with a split_clients block, tested, and loaded without a gap.

The file is replaced as a whole; when nginx refuses it, the old one is put back. A reload counts
once every worker that serves is a new one; until then the file says so, for whoever comes after a
crash. nginx counts no requests by upstream.
"""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from loadgen.command import CommandEnd, run_command
from rollout.routers.router import Change, RouterError, Served

__all__ = ["NginxRouter", "split_block"]

COMMAND_S = 10.0
RELOAD_S = 10.0
"""A configuration with thousands of servers takes a second; more than this hangs."""
LOOK_S = 0.005
WORKER = "nginx: worker process"
LEAVING = "nginx: worker process is shutting down"
"""Finishes its requests, and takes no new connection."""
UNLOADED = "# Not loaded yet.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class NginxRouter:
    """A variable that says the upstream of each request.

    Attributes:
        include: the file, which the http block includes.
        variable: its name, without the dollar: proxy_pass http://$loadgen_side.
        key: what decides: $request_id for each request by itself, $remote_addr to be sticky.
        stable, canary: names of the upstreams.
        command: how nginx is called; -t and -s reload are appended.
        pid_file: where nginx keeps the number of its main process.
    """

    include: Path
    variable: str = "loadgen_side"
    key: str = "$request_id"
    stable: str = "stable"
    canary: str = "canary"
    command: tuple[str, ...] = ("nginx",)
    pid_file: Path = Path("/run/nginx.pid")

    @property
    def text(self) -> str:
        """The file."""
        return f"nginx's split in {self.include}"

    def nearest(self, weight_percent: float) -> float:
        """Rounded to hundredths of a percent."""
        return round(weight_percent, 2)

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        """The file, and a reload."""
        new, old = self.nearest(weight_percent), self.get()
        what = f"and reload ({' '.join(self.command)} -s reload)"
        return (
            Change(
                action=f"nginx: write {self.include} with {new:g} % for {self.canary}, {what}",
                inverse=f"nginx: write {self.include} with {old:g} % for {self.canary}, {what}",
            ),
        )

    def get(self) -> float:
        """The part in the file.

        Raises:
            RouterError: it cannot be read, has no such block, or may not have been loaded.
        """
        text = self._content().decode(errors="replace")
        if text.startswith(UNLOADED):
            raise RouterError(
                f"{self.text}: it was written, and whether nginx loaded it is not known, as a "
                "rollout ended in between; set the weight again"
            )
        variable = re.escape(self.variable)
        block = re.search(
            rf"split_clients\s+(?:\"[^\"]*\"|\S+)\s+\${variable}\s*{{([^}}]*)}}", text
        )
        parts = dict(re.findall(r"(\*|[0-9.]+%)\s+([^\s;]+)\s*;", block[1])) if block else {}
        if "*" not in parts or not set(parts.values()) <= {self.stable, self.canary}:
            raise RouterError(
                f"{self.text}: found no split_clients block for ${self.variable} with the "
                f"upstreams {self.stable} and {self.canary}, expected one such as: "
                f"{' '.join(self._block(0).split())}",
                lasting=True,
            )
        if parts["*"] == self.canary:
            return 100.0
        return sum(float(part.rstrip("%")) for part, to in parts.items() if to == self.canary)

    def set(self, weight_percent: float) -> None:
        """Writes the file, has nginx test and load it, and waits for the new workers.

        Raises:
            RouterError: the file cannot be written; nginx refuses it; the workers are not
                replaced in time. The old file is then back in its place.
        """
        before = self._content()
        block = self._block(self.nearest(weight_percent))
        self._write(f"{UNLOADED}{block}".encode())
        try:
            self._nginx("-t")
            old_workers = self._workers()
            self._nginx("-s", "reload")
            self._await_workers(old_workers)
        except RouterError:
            self._write(before)
            raise
        self._write(block.encode())

    def verify(self) -> Served | None:
        """None: nginx counts no requests by upstream."""
        return None

    def changed_by(self) -> str:
        """Unknown."""
        return ""

    def _block(self, weight_percent: float) -> str:
        return split_block(
            weight_percent,
            key=self.key,
            variable=self.variable,
            stable=self.stable,
            canary=self.canary,
        )

    def _content(self) -> bytes:
        try:
            return self.include.read_bytes()
        except OSError as error:
            raise RouterError(
                f"{self.text}: it cannot be read ({error.strerror}); write it once, with "
                f"{' '.join(self._block(0).split())}, and include it in nginx's http block",
                lasting=True,
            ) from None

    def _write(self, content: bytes) -> None:
        """Replaces the file as a whole: nginx never reads half of it."""
        try:
            mode = self.include.stat().st_mode
            # Its name ends in no .conf, for nginx may include all files that do.
            handle, name = tempfile.mkstemp(
                prefix=f".{self.include.name}.", dir=self.include.parent
            )
            with contextlib.ExitStack() as undo:
                undo.callback(Path(name).unlink)
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fchmod(file.fileno(), mode)
                    os.fsync(file.fileno())
                Path(name).replace(self.include)
                undo.pop_all()
        except OSError as error:
            raise RouterError(
                f"{self.text}: it cannot be written ({error.strerror}); run this as a user who "
                "may, or choose another router.include",
                lasting=True,
            ) from None

    def _nginx(self, *arguments: str) -> None:
        end = run_command((*self.command, *arguments), timeout_s=COMMAND_S)
        if end.problem:
            raise RouterError(
                f"{self.text}: {' '.join((*self.command, *arguments))} was run, and "
                f"{end.problem}{_complaint(end)}; the old file is back in its place",
                lasting=True,
            )

    def _workers(self) -> frozenset[int]:
        """The processes that take connections."""
        try:
            children = psutil.Process(int(self.pid_file.read_text())).children()
        except (OSError, ValueError, psutil.Error):
            raise RouterError(
                f"{self.text}: {self.pid_file} names no process of nginx; set router.pid to its "
                "pid file, and run this where nginx runs",
                lasting=True,
            ) from None
        titles: dict[int, str] = {}
        for child in children:
            with contextlib.suppress(psutil.Error):
                titles[child.pid] = " ".join(child.cmdline()).strip()
        return frozenset(
            pid
            for pid, title in titles.items()
            if title.startswith(WORKER) and not title.startswith(LEAVING)
        )

    def _await_workers(self, old: frozenset[int]) -> None:
        deadline_s = time.monotonic() + RELOAD_S
        while time.monotonic() < deadline_s:
            workers = self._workers()
            if workers and not workers & old:
                return
            time.sleep(LOOK_S)
        raise RouterError(
            f"{self.text}: after a reload the old workers still served {RELOAD_S:g} s later; "
            "nginx's error log says why; the old file is back in its place"
        )


def split_block(weight_percent: float, *, key: str, variable: str, stable: str, canary: str) -> str:
    """The content of the file.

    Args:
        weight_percent: the canary's part, 0..100, in hundredths at most.
        key: what decides, with nginx's variables.
        variable: without the dollar.
        stable: the upstream that gets the rest.
        canary: the upstream that gets the part.
    """
    # nginx refuses a part of 0 %, so that both ends are a rest alone.
    part = f"    {weight_percent:g}% {canary};\n" if 0 < weight_percent < 100 else ""
    rest = canary if weight_percent == 100 else stable
    return (
        "# Written by loadgen rollout, which replaces it.\n"
        f'split_clients "{key}" ${variable} {{\n{part}    * {rest};\n}}\n'
    )


def _complaint(end: CommandEnd) -> str:
    """The first line of nginx's that names a mistake."""
    lines = [line for line in end.output if "[emerg]" in line] or list(end.output)
    return f" ({lines[0].strip()})" if lines else ""
