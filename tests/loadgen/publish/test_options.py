"""Options keep to themselves what must not be read."""

from __future__ import annotations

from loadgen.publish.options import PushOptions, SlackOptions
from loadgen.secret import Secret


def test_no_secret_is_shown() -> None:
    push = PushOptions(url="http://me:hidden-1@localhost", login=("me", Secret("hidden-2")))
    slack = SlackOptions(webhook=Secret("https://hooks.slack.com/services/hidden-3"))
    assert "hidden" not in f"{push} {push!r} {slack} {slack!r}"
