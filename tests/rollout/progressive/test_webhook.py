"""Webhooks: once when they are taken, again when it is worth it, always with the same key."""

from __future__ import annotations

import json

import pytest

from rollout.progressive.stage import Hook
from rollout.progressive.webhook import call_hook
from tests.rollout.progressive.answering import answering


def test_a_hook_is_called_once_with_its_key() -> None:
    with answering((204, "")) as server:
        assert call_hook(Hook(url=f"{server.url}/a"), {"stage": "5%"}, "r/hook/0") == ""
    ((path, key, body),) = server.asked
    assert (path, key, json.loads(body)) == ("/a", "r/hook/0", {"stage": "5%"})


@pytest.mark.parametrize(
    ("statuses", "calls", "problem"),
    [
        ((500, 429, 200), 3, ""),
        ((404, 200), 1, "it answered 404 (x)"),
        ((503, 503, 503, 503, 200), 3, "it answered 503 (x)"),
    ],
)
def test_what_is_tried_again(statuses: tuple[int, ...], calls: int, problem: str) -> None:
    naps: list[float] = []
    with answering(*((status, "x") for status in statuses)) as server:
        hook = Hook(url=f"{server.url}/secret", retries=2)
        said = call_hook(hook, {}, "k", sleep=naps.append)
    assert len(server.asked) == calls
    assert naps == [0.5, 1.0][: calls - 1]
    assert {each.key for each in server.asked} == {"k"}
    assert said.endswith(problem)
    assert "secret" not in said


def test_nobody_listens_and_it_is_given_up() -> None:
    hook = Hook(url="http://127.0.0.1:9/x", retries=1)
    assert "http://127.0.0.1:9/***: " in call_hook(hook, {}, "k", sleep=lambda _s: None)
    assert call_hook(hook, {}, "k", lambda: True).endswith("it was not called")
