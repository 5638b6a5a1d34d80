"""The control groups that this process is in, as far as they ration CPU time; versions 1 and 2."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

__all__ = ["cpu_folders"]


def cpu_folders(root: Path) -> Iterator[Path]:
    """Folders of our control group and of those around it, the innermost first.

    Args:
        root: where /proc and /sys are. A folder may not exist: in a container the path is the
            host's, of which only the mount's root is visible.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        mount = root / "sys/fs/cgroup" / ("cpu" if controllers else "")
        relative = Path(path.lstrip("/"))
        for folder in (relative, *relative.parents):
            yield mount / folder
