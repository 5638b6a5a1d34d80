"""Slack is told of each turn once, and never waited for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from loadgen.publish.options import SlackOptions, SlackWhen
from loadgen.secret import Secret
from rollout.progressive.announcer import Announcer, is_announced, message
from rollout.progressive.entry import Kind
from rollout.progressive.history import read_record
from rollout.progressive.machine import Phase, State
from rollout.progressive.news import Changed
from slo.canary import CanaryVerdict
from tests.rollout.progressive.answering import answering
from tests.rollout.progressive.rehearsal import Rehearsal


def _changed(phase: Phase, text: str = "because") -> Changed:
    state = State(phase=phase, stage=0, visit=0, weight_percent=5)
    return Changed(event="e", state=state, who="ann@box", text=text, key="0.x.0")


@pytest.mark.parametrize(
    ("phase", "always", "on_failure"),
    [
        (Phase.SHIFTING, True, False),
        (Phase.HOLDING, False, False),
        (Phase.PAUSED, True, True),
        (Phase.ROLLING_BACK, True, True),
        (Phase.PROMOTED, True, False),
        (Phase.STUCK, True, True),
    ],
)
def test_what_is_told(phase: Phase, always: bool, on_failure: bool) -> None:
    changed = _changed(phase)
    assert is_announced(changed, SlackWhen.ALWAYS) is always
    assert is_announced(changed, SlackWhen.FAILURE) is on_failure


def test_a_message_mentions_nobody() -> None:
    body = json.dumps(message(_changed(Phase.PAUSED, "<!channel>"), "shop", "https://ci/7"))
    assert "<!channel>" not in body
    assert "&lt;!channel&gt;" in body
    assert "shop: paused, canary at 5 %" in body
    assert "<https://ci/7|the run>" in body


def _drive(folder: Path, url: str) -> Rehearsal:
    options = SlackOptions(webhook=Secret(f"{url}/T0/secret"), when=SlackWhen.ALWAYS)
    rehearsal = Rehearsal(
        folder=folder,
        verdicts={"5%": CanaryVerdict.FAIL},
        announcer=Announcer(options, deployment="shop"),
    )
    rehearsal.drive()
    return rehearsal


def test_each_turn_is_told_once_also_by_who_goes_on(tmp_path: Path) -> None:
    with answering((200, "ok")) as server:
        _drive(tmp_path, server.url)
        _drive(tmp_path, server.url)
    titles = [json.loads(each.body)["text"] for each in server.asked]
    assert titles == [
        "shop: shifting, canary at 5 %",
        "shop: rolling back, canary at 0 %",
        "shop: rolled back, canary at 0 %",
    ]


def test_a_message_that_fails_stops_nothing_and_is_noted(tmp_path: Path) -> None:
    with answering((404, "no such hook")) as server:
        rehearsal = _drive(tmp_path, server.url)
    record = read_record(rehearsal.path)
    assert record.state.phase is Phase.ROLLED_BACK
    failed = [entry.text for entry in record.entries if entry.kind is Kind.NOT_DONE]
    assert len(failed) == 3
    assert all("it answered 404 (no such hook)" in text for text in failed)
    assert not any("secret" in text for text in failed)
