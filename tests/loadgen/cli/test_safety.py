"""What keeps a run from the wrong target, from too much, and from going on against a dead one."""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from loadgen.cli import main
from loadgen.target.launch import running_target
from tests.scripted import HELLO, Peer, read_request, scripted_server

SHORT = ("--concurrency", "4", "--workers", "1", "--no-pin", "--precision", "cpu")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ENVIRONMENT", raising=False)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_target() as address:
        yield address


def _received(url: str) -> int:
    with urllib.request.urlopen(f"{url}/_target/stats", timeout=5) as answer:
        received: int = json.load(answer)["requests"]["received"]
    return received


def _config(text: str) -> None:
    Path("loadgen.yml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("rules", "options"),
    [
        ("localhost, staging.example.com", ()),
        ("10.0.0.0/8", ()),
        ("'127.0.0.1:1'", ()),
        ("example.com", ("--resolve", "example.com:{port}:127.0.0.1")),
    ],
)
def test_what_is_not_allowed_gets_nothing(
    rules: str, options: tuple[str, ...], url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _config(f"targets: {{allow: [{rules}]}}\n")
    before = _received(url)
    port = url.rpartition(":")[2]
    target = f"http://example.com:{port}" if options else url
    arguments = [option.format(port=port) for option in options]
    assert main(["run", target, *SHORT, "--duration", "1", *arguments]) == 2
    said = capsys.readouterr().err
    assert "refused by targets.allow of loadgen.yml, which allows only" in said
    assert _received(url) == before


def test_what_is_allowed_is_loaded_by_its_own_name_or_another(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _config("targets: {allow: [127.0.0.0/8]}\n")
    port = url.rpartition(":")[2]
    named = f"http://some.example.com:{port}"
    resolve = ("--resolve", f"some.example.com:{port}:127.0.0.1")
    assert main(["run", named, *SHORT, "--duration", "0.3", *resolve]) in {0, 3}
    first = capsys.readouterr().out.splitlines()[0]
    assert first == f"Load goes to {named} at 127.0.0.1 (this machine, given by --resolve)"


def test_a_plan_beyond_the_limits_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    _config("limits: {max_rps: 100, max_connections: 10}\n")
    for options, named in (
        (("--rate", "101", "--connections", "1"), "limits.max_rps"),
        (("--stages", "0:1,1s:101", "--stages-of", "rate", "--connections", "1"), "limits.max_rps"),
        (("--concurrency", "11"), "limits.max_connections"),
        (("--stages", "0:1,1s:11"), "limits.max_connections"),
    ):
        assert main(["run", url, *options]) == 2
        assert named in capsys.readouterr().err


def test_users_are_held_below_the_limit_and_the_reader_is_told(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _config("limits: {max_rps: 50}\n")
    run = ["run", url, "--no-pin", "--workers", "2", "--concurrency", "20", "--think", "0"]
    assert main([*run, "--duration", "1", "--json", "result.json"]) in {0, 3}
    result = json.loads(Path("result.json").read_text("utf-8"))
    assert 35 <= result["requests"]["sent"] <= 50
    (note,) = [note for note in result["validity"]["notes"] if "max_rps" in note]
    assert note.startswith("Requests that limits.max_rps (50) held back: ")
    assert "limits.max_rps (50) held back" in " ".join(capsys.readouterr().out.split())


def test_a_run_against_a_dead_target_ends_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with running_target(error_rate="1") as dead:
        run = ["run", dead, *SHORT, "--duration", "60", "--stop-when-dead", "2s"]
        assert main([*run, "--json", "result.json"]) == 4
    result = json.loads(Path("result.json").read_text("utf-8"))
    assert 1.5 < result["run"]["duration_s"] < 5
    assert result["run"]["failure"].startswith("all ")
    assert "failed, most by http_500" in result["run"]["failure"]
    printed = " ".join(capsys.readouterr().out.split())
    assert "check the target's own log (--stop-when-dead 0 goes on regardless)" in printed


def test_a_target_that_is_silent_from_the_start_is_dead_too() -> None:
    def silent(connection: socket.socket, _number: int, peer: Peer) -> None:
        while read_request(connection, peer):
            pass

    with scripted_server(silent) as peer:
        run = ["run", f"http://127.0.0.1:{peer.port}", *SHORT, "--quiet"]
        run += ["--timeout", "1s", "--stop-when-dead", "0.6s", "--duration", "60"]
        assert main([*run, "--json", "result.json"]) == 4
    failure = json.loads(Path("result.json").read_text("utf-8"))["run"]["failure"]
    assert failure.startswith("the target answered nothing in 1 s, although requests were sent")


def test_a_run_may_go_on_regardless() -> None:
    with running_target(error_rate="1") as dead:
        run = ["run", dead, *SHORT, "--quiet", "--duration", "1.5", "--stop-when-dead", "0"]
        assert main([*run, "--json", "result.json"]) == 4
    result = json.loads(Path("result.json").read_text("utf-8"))
    assert result["run"]["failure"] == ""
    assert result["run"]["duration_s"] == 1.5


def test_a_socket_and_a_local_address_from_options_to_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources: list[str] = []

    def script(connection: socket.socket, _number: int, peer: Peer) -> None:
        sources.append(connection.getpeername()[0])
        while read_request(connection, peer):
            connection.sendall(HELLO)

    with scripted_server(script) as peer:
        run = ["run", f"http://127.0.0.1:{peer.port}", *SHORT, "--duration", "0.3"]
        assert main([*run, "--local-address", "127.0.0.9"]) in {0, 3}
    assert set(sources) == {"127.0.0.9"}
    assert main([*run, "--local-address", "192.0.2.1"]) == 2
    assert "--local-address: found 192.0.2.1, which cannot be used" in capsys.readouterr().err
    gone = f"http+unix://{str(tmp_path / 'gone').replace('/', '%2F')}/"
    assert main(["run", gone]) == 4
    assert f"({tmp_path}/gone: no such file or directory)" in capsys.readouterr().err
