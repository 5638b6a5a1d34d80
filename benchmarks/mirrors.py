"""Proxies that mirror every request to a canary, each pinned to one core; and bad canaries."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from benchmarks.listening import listens
from benchmarks.nginx import free_ports
from benchmarks.pinned import Pinned
from benchmarks.proxies import envoy_program

__all__ = ["BAD_CANARIES", "MIRRORS", "running_canary", "running_mirror"]

START_S = 20.0

NGINX = """
daemon off;
worker_processes 1;
pid nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    upstream production {{ server {production}; keepalive 256; keepalive_requests 1000000000; }}
    upstream canary {{ server {canary}; keepalive 256; keepalive_requests 1000000000; }}
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    server {{
        listen 127.0.0.1:{port};
        location / {{
            mirror /mirror;
            proxy_pass http://production;
        }}
        location = /mirror {{
            internal;
            proxy_pass http://canary$request_uri;
        }}
    }}
}}
"""


def _nginx(folder: Path, port: int, production: int, canary: int) -> list[str]:
    config = folder / "mirror.conf"
    config.write_text(
        NGINX.format(port=port, production=f"127.0.0.1:{production}", canary=f"127.0.0.1:{canary}")
    )
    return [_program("nginx"), "-p", str(folder), "-c", str(config), "-e", "error.log"]


def _envoy(folder: Path, port: int, production: int, canary: int) -> list[str]:
    config = folder / "envoy.json"
    config.write_text(json.dumps(_envoy_config(port, production, canary)))
    command = [envoy_program(), "-c", str(config), "--concurrency", "1"]
    return [*command, "--use-dynamic-base-id", "--log-level", "error"]


def _envoy_config(port: int, production: int, canary: int) -> object:
    http = "type.googleapis.com/envoy.extensions.filters"
    route = {"cluster": "production", "request_mirror_policies": [{"cluster": "canary"}]}
    manager = {
        "@type": f"{http}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "live",
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{http}.http.router.v3.Router"},
            }
        ],
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": route}],
                }
            ]
        },
    }
    return {
        "static_resources": {
            "listeners": [
                {
                    "name": "live",
                    "address": _envoy_address(port),
                    "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
                }
            ],
            "clusters": [
                _envoy_cluster("production", production),
                _envoy_cluster("canary", canary),
            ],
        },
    }


def _envoy_cluster(name: str, port: int) -> object:
    endpoint = {"endpoint": {"address": _envoy_address(port)}}
    assignment = {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]}
    return {"name": name, "type": "STATIC", "load_assignment": assignment}


def _envoy_address(port: int) -> object:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _loadgen(_folder: Path, port: int, production: int, canary: int) -> list[str]:
    return [
        *(sys.executable, "-m", "loadgen", "shadow", "--no-config", "--quiet"),
        *("--listen", f"127.0.0.1:{port}"),
        *("--production-url", f"http://127.0.0.1:{production}"),
        *("--canary-url", f"http://127.0.0.1:{canary}"),
        *("--rate-limit", "1M"),
    ]


MIRRORS: Mapping[str, Callable[[Path, int, int, int], list[str]]] = {
    "nginx": _nginx,
    "envoy": _envoy,
    "loadgen": _loadgen,
}
"""Commands by name, from a folder and the ports to listen on, of production and of canary."""

BAD_CANARIES = ("hangs", "resets", "slow")
"""What a canary may do that must not concern any client."""


@contextmanager
def running_mirror(
    name: str, *, production: int, canary: int, cpu: int, folder: Path
) -> Iterator[str]:
    """A mirror with all its processes on one core.

    Args:
        name: of MIRRORS.
        production: its port on 127.0.0.1.
        canary: its port, likewise.
        cpu: the core.
        folder: for its files.

    Yields:
        Its URL.

    Raises:
        RuntimeError: it does not start.
    """
    (port,) = free_ports(1)
    with Pinned(MIRRORS[name](folder, port, production, canary), cpu=cpu, cwd=folder) as program:
        _await_start(program, port)
        yield f"http://127.0.0.1:{port}/"


@contextmanager
def running_canary(kind: str, *, cpu: int, folder: Path) -> Iterator[int]:
    """A canary that behaves badly.

    Args:
        kind: of BAD_CANARIES.
        cpu: its core.
        folder: it runs there.

    Yields:
        Its port.
    """
    (port,) = free_ports(1)
    command = [sys.executable, "-m", __name__, kind, str(port)]
    with Pinned(command, cpu=cpu, cwd=folder) as program:
        _await_start(program, port)
        yield port


def _await_start(program: Pinned, port: int) -> None:
    if listens(port, is_running=lambda: program.running, within_s=START_S):
        return
    program.wait(0.1)  # raises with what it printed
    raise RuntimeError(f"nothing listens on port {port} after {START_S:g} s")


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise RuntimeError(f"{name} is missing; install it: sudo apt-get install {name}-light")
    return found


async def _behave_badly(kind: str, port: int) -> None:
    """Serves for ever."""
    import asyncio  # noqa: PLC0415 (nobody else here needs it)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(65_536):
            match kind:
                case "resets":
                    writer.transport.abort()
                case "slow":
                    await asyncio.sleep(1.0)
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                case _:
                    pass
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    import asyncio

    asyncio.run(_behave_badly(sys.argv[1], int(sys.argv[2])))
