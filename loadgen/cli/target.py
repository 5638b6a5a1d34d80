"""`loadgen target`: the built-in server, from the options to its end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loadgen.errors import ConfigError

__all__ = ["EXAMPLES", "target"]

EXAMPLES = """\
[bold]Examples[/bold]

[cyan]loadgen target --listen :8000 --processes 2[/cyan]

[cyan]loadgen target --latency lognormal:20ms,0.5 --error-rate 1%[/cyan]

[cyan]loadgen target --stall every:10s,for:1s[/cyan]

[cyan]curl localhost:8000/_target/stats[/cyan]

[bold]Latency[/bold]

20ms: always. uniform:5ms..50ms: any between. exponential:10ms: with this mean.
lognormal:20ms,0.5: median and sigma. bimodal:5ms,200ms,1%: fast, slow, share of the slow.

An answer waits from its request's last byte, and never less than its latency; the kernel's
timer and the wake-up add some 0.1 ms. Answers on one connection keep the order of their
requests, so one that is ready waits for the one in front of it.

[bold]Stalls[/bold]

Each period ends with its stall, in all processes at the same instants, reckoned from the
start: every:10s,for:1s stalls in seconds 9 to 10, 19 to 20, and so on. Nothing is answered
in a stall, and everything that has come is answered at its end.

[bold]Counts[/bold]

GET /_target/stats: what all processes have received, answered and sent, in JSON. POST
/_target/reset: from here on anew. Neither is counted itself.
"""


def target(
    *,
    listen: Annotated[
        str, typer.Option(help="Address; port 0 takes a free one.", metavar="HOST:PORT")
    ] = "127.0.0.1:8000",
    processes: Annotated[
        str, typer.Option(help="Serving processes, which share the port.", metavar="N")
    ] = "1",
    latency: Annotated[
        str, typer.Option(help="How long each answer waits; see below.", metavar="LATENCY")
    ] = "0",
    slow: Annotated[
        str,
        typer.Option(
            help="A path with another latency, such as /api/search=50ms.", metavar="PATH=LATENCY"
        ),
    ] = "",
    error_rate: Annotated[
        str, typer.Option(help="Share of the requests answered 500.", metavar="PERCENT")
    ] = "0%",
    stall: Annotated[
        str,
        typer.Option(help="When nothing is answered, such as every:10s,for:1s.", metavar="STALL"),
    ] = "",
    chunked: Annotated[bool, typer.Option("--chunked", help="Send bodies in chunks.")] = False,
    body_size: Annotated[
        str, typer.Option(help="Size of every body, such as 10k.", metavar="BYTES")
    ] = "",
    seed: Annotated[
        str, typer.Option(help="Decides latencies and errors.", metavar="NUMBER")
    ] = "0",
    port_file: Annotated[
        Path | None,
        typer.Option(help="Gets the port once the target answers.", metavar="FILE"),
    ] = None,
) -> None:
    """Serve the demo API: a server to load that behaves as ordered and counts truly.

    Answers /, /api/health, /api/users, /api/orders, /api/products, /api/analytics and
    /api/search, other paths with 404. Prints its address when it is ready; Ctrl-C ends it.
    """
    from loadgen.target.server import serve  # noqa: PLC0415 - uvloop is slow to load
    from loadgen.target.settings import Settings  # noqa: PLC0415

    settings = Settings.parse(
        listen=listen,
        processes=processes,
        latency=latency,
        slow=slow,
        error_rate=error_rate,
        stall=stall,
        chunked=chunked,
        body_size=body_size,
        seed=seed,
    )
    serve(settings, on_ready=lambda url: _tell(url, port_file))


def _tell(url: str, port_file: Path | None) -> None:
    if port_file is not None:
        _write_port(url, port_file)
    typer.echo(f"loadgen target: listening on {url}")


def _write_port(url: str, port_file: Path) -> None:
    """In one step: whoever waits for the file never reads half of it."""
    half = port_file.with_name(f"{port_file.name}.new")
    try:
        half.write_text(f"{url.rpartition(':')[2]}\n")
        half.replace(port_file)
    except OSError as error:
        raise ConfigError(f"--port-file {port_file}: {error.strerror}") from None
