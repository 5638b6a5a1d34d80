"""`loadgen run https://...`: what is said of certificates before and after."""

from __future__ import annotations

import json
import ssl
from pathlib import Path

import pytest

from loadgen.cli import main
from tests.scripted import HELLO, Peer, read_request, scripted_server
from tests.secured import Authority, secured

SHORT = ("--duration", "0.3", "--concurrency", "2", "--workers", "1", "--no-pin", "--no-config")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENVIRONMENT", raising=False)


def _hello(connection: ssl.SSLSocket, _number: int, peer: Peer) -> None:
    while read_request(connection, peer):
        connection.sendall(HELLO)


def test_a_verified_run_measures_the_handshake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority.in_folder(tmp_path)
    result = tmp_path / "result.json"
    options = ("--cacert", authority.ca_file, "--no-keepalive", "--json", str(result))
    with scripted_server(secured(authority.server(), _hello)) as peer:
        assert main(["run", f"https://localhost:{peer.port}", *SHORT, *options]) in {0, 3}
        assert peer.requests > 0
    found = json.loads(result.read_text())
    assert found["tls_ms"]["n"] > 0
    assert found["validity"]["notes"] == []
    assert "INSECURE" not in capsys.readouterr().out


def test_an_insecure_run_says_so_first_last_and_in_its_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority.in_folder(tmp_path)
    result, report = tmp_path / "result.json", tmp_path / "report.md"
    files = ("--json", str(result), "--output", str(report))
    with scripted_server(secured(authority.server(expired=True), _hello)) as peer:
        target = f"https://localhost:{peer.port}"
        assert main(["run", target, *SHORT, *files, "--insecure"]) in {0, 3}
    assert capsys.readouterr().out.count("INSECURE: ") == 2
    assert "INSECURE: " in report.read_text()
    assert json.loads(result.read_text())["validity"]["notes"][0].startswith("INSECURE: ")


def test_a_bad_certificate_ends_the_run_before_it_begins(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority.in_folder(tmp_path)
    with scripted_server(secured(authority.server(expired=True), _hello)) as peer:
        target = f"https://localhost:{peer.port}"
        assert main(["run", target, *SHORT, "--cacert", authority.ca_file]) == 4
        assert peer.requests == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"loadgen: target {target} has a certificate that is not accepted: ")
    assert "certificate has expired" in line


def test_a_file_that_is_missing_is_a_mistake_of_the_configuration(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with scripted_server(lambda connection, _number, _peer: connection.close()) as peer:
        target = f"https://localhost:{peer.port}"
        assert main(["run", target, *SHORT, "--cacert", "/nowhere/ca.pem"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == "loadgen: --cacert: /nowhere/ca.pem cannot be read (No such file or directory)"
