"""Who did it, as audits show it."""

from __future__ import annotations

import getpass
import socket

import pytest

from rollout.progressive.actor import find_actor

GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "ann/shop",
    "GITHUB_RUN_ID": "7",
    "GITHUB_ACTOR": "ann",
}


@pytest.mark.parametrize(
    ("environ", "ci"),
    [
        ({}, ""),
        (GITHUB, "https://github.com/ann/shop/actions/runs/7, ann"),
        ({"CI_PIPELINE_URL": "https://git/p/9"}, "https://git/p/9"),
        ({"GITHUB_SERVER_URL": "https://github.com"}, ""),
    ],
)
def test_who_it_was(environ: dict[str, str], ci: str) -> None:
    actor = find_actor(environ)
    assert (actor.user, actor.host, actor.ci) == (getpass.getuser(), socket.gethostname(), ci)
    assert actor.text == f"{actor.user}@{actor.host}" + (f" ({ci})" if ci else "")


def test_an_account_without_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert find_actor({}).user.startswith("uid ")
