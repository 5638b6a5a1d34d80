"""The target as `running_target` starts it: options as one JSON text in, its URL out.

People use `loadgen target`, which says the same with options and help.
"""

from __future__ import annotations

import json
import sys

from loadgen.errors import ConfigError, WorkerError
from loadgen.forked import die_with
from loadgen.target.server import serve
from loadgen.target.settings import Settings

__all__ = ["main"]


def main(options: str, parent: str) -> int:
    """Serves until told to end; the first line on stdout is the URL.

    Args:
        options: the keyword arguments of `Settings.parse` as a JSON object.
        parent: the process without which the target is of no use.

    Returns:
        The exit code.
    """
    die_with(int(parent))
    try:
        serve(Settings.parse(**json.loads(options)), on_ready=_tell)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except WorkerError as error:
        sys.stderr.write(f"{error}\n")
        return 4
    return 0


def _tell(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
