"""Starts a real Kubernetes API server, with etcd behind it, on free ports of this machine.

No controllers and no kubelet run: what a Deployment wants can be read, patched and watched, but
no pod appears, and its status is what a test writes into it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import trustme
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

__all__ = ["ApiServer", "binary", "running", "why_not"]

START_LIMIT_S = 60.0


def binary() -> Path:
    """Where tests/kube/build puts the server."""
    home = os.environ.get("KUBE_HOME") or Path.home() / ".cache" / "kube-apiserver"
    return Path(home) / "kube-apiserver"


def why_not() -> str:
    """Why no server can be started here; "" when it can."""
    if not binary().is_file():
        return f"{binary()} is not there; `bash tests/kube/build` makes it (Debian 12, as root)"
    missing = [name for name in ("etcd", "kubectl") if not shutil.which(name)]
    return f"{' and '.join(missing)} are not installed; see tests/kube/build" if missing else ""


@dataclass(kw_only=True)
class ApiServer:
    """A server that may be killed and started again, with its state kept by etcd.

    Attributes:
        folder: all of its files.
        port: where it listens, also when it is started again.
        etcd_url: where its etcd listens.
        token: of its administrator.
        authority: signed its certificate, and signs those of its users.
    """

    folder: Path
    port: int
    etcd_url: str
    token: str
    authority: trustme.CA = field(default_factory=trustme.CA)
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Of its API."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def ca_file(self) -> Path:
        """The authority of its certificate."""
        return self.folder / "ca.crt"

    @property
    def kubeconfig(self) -> Path:
        """Of its administrator."""
        return self.folder / "kubeconfig"

    def start(self) -> None:
        """Starts it and waits until it is ready."""
        with (self.folder / "api.log").open("ab") as log:
            self.process = subprocess.Popen(_command(self), stdout=log, stderr=log, cwd=self.folder)
        end_s = time.monotonic() + START_LIMIT_S
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > end_s:
                raise RuntimeError((self.folder / "api.log").read_text()[-2000:])
            time.sleep(0.1)

    def kill(self) -> None:
        """Kills it; connections to it break."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def _is_ready(self) -> bool:
        request = urllib.request.Request(
            f"{self.url}/readyz", headers={"Authorization": f"Bearer {self.token}"}
        )
        trust = ssl.create_default_context(cafile=self.ca_file)
        try:
            with urllib.request.urlopen(request, context=trust, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@contextlib.contextmanager
def running(folder: Path) -> Iterator[ApiServer]:
    """A server for as long as the block lasts.

    Args:
        folder: an empty one.
    """
    client, peer, port = _free_port(), _free_port(), _free_port()
    server = ApiServer(
        folder=folder,
        port=port,
        etcd_url=f"http://127.0.0.1:{client}",
        token=secrets.token_hex(16),
    )
    _write_files(server)
    with (folder / "etcd.log").open("wb") as log:
        etcd = subprocess.Popen(_etcd_command(server, peer), stdout=log, stderr=log)
    try:
        server.start()
        yield server
    finally:
        for process in (server.process, etcd):
            if process is not None:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _write_files(server: ApiServer) -> None:
    folder = server.folder
    authority = server.authority
    authority.cert_pem.write_to_path(str(server.ca_file))
    certificate = authority.issue_cert("127.0.0.1", "localhost")
    certificate.private_key_pem.write_to_path(str(folder / "api.key"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "api.crt"))
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    (folder / "accounts.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    (folder / "tokens.csv").write_text(f'{server.token},admin,admin,"system:masters"\n')
    context = {"cluster": "test", "user": "admin", "namespace": "default"}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "test",
                "cluster": {"server": server.url, "certificate-authority": str(server.ca_file)},
            }
        ],
        "users": [{"name": "admin", "user": {"token": server.token}}],
        "contexts": [{"name": "test", "context": context}],
        "current-context": "test",
    }
    server.kubeconfig.write_text(yaml.safe_dump(config))


def _etcd_command(server: ApiServer, peer: int) -> list[str]:
    peer_url = f"http://127.0.0.1:{peer}"
    return [
        "etcd",
        f"--data-dir={server.folder / 'etcd'}",
        f"--listen-client-urls={server.etcd_url}",
        f"--advertise-client-urls={server.etcd_url}",
        f"--listen-peer-urls={peer_url}",
        f"--initial-advertise-peer-urls={peer_url}",
        f"--initial-cluster=default={peer_url}",
        "--unsafe-no-fsync",
    ]


def _command(server: ApiServer) -> list[str]:
    return [
        str(binary()),
        f"--etcd-servers={server.etcd_url}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={server.port}",
        "--tls-cert-file=api.crt",
        "--tls-private-key-file=api.key",
        "--client-ca-file=ca.crt",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=accounts.key",
        "--service-account-signing-key-file=accounts.key",
        "--token-auth-file=tokens.csv",
        "--authorization-mode=RBAC",
        "--service-cluster-ip-range=10.0.0.0/24",
        # There is no controller that gives namespaces their service account.
        "--disable-admission-plugins=ServiceAccount",
        "--endpoint-reconciler-type=none",
        f"--cert-dir={server.folder / 'certs'}",
    ]
