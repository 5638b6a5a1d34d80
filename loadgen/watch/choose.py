"""Who can tell what the target uses: by what was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.errors import ConfigError
from loadgen.watch.process import ProcessSource
from loadgen.watch.usage import WatchError

if TYPE_CHECKING:
    from loadgen.watch.options import WatchOptions
    from loadgen.watch.usage import Source

__all__ = ["choose_source"]


def choose_source(options: WatchOptions) -> Source | None:
    """The source for the target; None when nothing is to be watched.

    Those that speak HTTP are imported here only: a run without them does not wait for it.

    Raises:
        ConfigError: there is no such process.
    """
    if options.pid is not None:
        try:
            return ProcessSource([options.pid], children=True)
        except WatchError as error:
            raise ConfigError(
                f"watch.pid: {error}; expected the number of a running process"
            ) from None
    if options.container:
        from loadgen.watch.container import ContainerSource  # noqa: PLC0415

        return ContainerSource(options.container, socket=options.docker_socket)
    if options.prometheus is not None:
        from loadgen.watch.prometheus import PrometheusSource  # noqa: PLC0415

        return PrometheusSource(options.prometheus)
    return None
