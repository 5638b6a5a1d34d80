"""A router of the user's own: two real programs that keep a weight in a file."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from loadgen.errors import ConfigError
from rollout.routers.command import CommandRouter
from rollout.routers.router import Change, RouterError

SET = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.argv[2])"
GET = "import pathlib, sys; print('weight:'); print(pathlib.Path(sys.argv[1]).read_text())"


def _router(file: Path, *, set_code: str = SET, get_code: str = GET) -> CommandRouter:
    file.write_text("0")
    return CommandRouter(
        set_command=(sys.executable, "-c", set_code, str(file), "{percentage}"),
        get_command=(sys.executable, "-c", get_code, str(file)),
    )


@pytest.mark.parametrize("weight_percent", [0, 0.5, 5, 100])
def test_the_weight_is_set_and_read_back(tmp_path: Path, weight_percent: float) -> None:
    router = _router(tmp_path / "weight")
    router.set(weight_percent)
    assert (tmp_path / "weight").read_text() == f"{weight_percent:g}"
    assert router.get() == weight_percent
    assert router.verify() is None


def test_names_are_filled_in_as_they_are(tmp_path: Path) -> None:
    """No shell takes them apart."""
    write = f"{SET}; pathlib.Path(sys.argv[1] + '.names').write_text('|'.join(sys.argv[3:]))"
    file = tmp_path / "weight"
    file.write_text("0")
    router = CommandRouter(
        set_command=(
            *(sys.executable, "-c", write, str(file), "{percentage}"),
            *("deployment/{deployment}", "{namespace}"),
        ),
        get_command=(sys.executable, "-c", GET, str(file)),
        deployment="shop; rm -rf *",
        namespace="$HOME",
    )
    router.set(5)
    assert (tmp_path / "weight.names").read_text() == "deployment/shop; rm -rf *|$HOME"


def test_what_will_be_done_is_said_with_what_undoes_it(tmp_path: Path) -> None:
    router = _router(tmp_path / "weight")
    (change,) = router.changes(25)
    begin = f"run {sys.executable} -c {SET} {tmp_path / 'weight'}"
    assert change == Change(action=f"{begin} 25", inverse=f"{begin} 0")


def test_a_weight_that_was_not_taken_over_is_found_out(tmp_path: Path) -> None:
    router = _router(tmp_path / "weight", set_code="print('done')")
    with pytest.raises(RouterError, match="reads 0 % after 5 % was set"):
        router.set(5)


def test_a_command_that_fails_is_said_with_its_last_words(tmp_path: Path) -> None:
    router = _router(tmp_path / "weight", set_code="raise SystemExit('no such route')")
    with pytest.raises(RouterError, match="it ended with code 1: no such route") as caught:
        router.set(5)
    assert not caught.value.lasting


@pytest.mark.parametrize("printed", ["", "half", "101", "-1", "nan"])
def test_what_is_no_percentage_is_refused(tmp_path: Path, printed: str) -> None:
    router = _router(tmp_path / "weight", get_code=f"print({printed!r})")
    with pytest.raises(RouterError, match=f"is '{printed}', expected the canary's weight"):
        router.get()


def test_a_sign_may_stand_behind_the_number(tmp_path: Path) -> None:
    assert _router(tmp_path / "weight", get_code="print('12.5 %')").get() == 12.5


@pytest.mark.parametrize(
    ("set_command", "get_command", "expected"),
    [
        ((), ("get",), "router.command: found no program"),
        (("set",), ("get",), "router.command: found no {percentage}"),
        (("set", "{weight}", "{percentage}"), ("get",), "the placeholder {weight}, expected one"),
        (("set", "{percentage}"), ("get", "{percentage}"), "router.get_command: found the place"),
        (("set", "{percentage}", "{namespace}"), ("get",), "{namespace} and nothing that it"),
    ],
)
def test_commands_that_cannot_work_are_refused(
    set_command: tuple[str, ...], get_command: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        CommandRouter(set_command=set_command, get_command=get_command)
    assert expected in str(caught.value)
