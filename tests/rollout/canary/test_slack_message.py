"""What Slack is told of a verification."""

from __future__ import annotations

import dataclasses

from rollout.canary.slack_message import slack_message
from slo.detector import Detector
from slo.reason import Reason
from tests.rollout.canary.samples import verification


def test_the_verdict_and_why_and_what_follows() -> None:
    lines = str(slack_message(verification("broken"), link="https://ci.test/1")["text"]).split("\n")
    assert lines[0] == ":x: *Canary FAIL*: http://canary.example.com (staging)"
    assert lines[1].startswith("• /c: 50.00 % of the requests break 'error_rate of /c &lt;= 0.5%'")
    assert lines[-2].startswith("The canary is rejected; nothing was rolled back")
    assert lines[-1] == "https://ci.test/1"


def test_nobody_is_mentioned_and_nothing_is_endless() -> None:
    broken = verification("broken")
    reason = Reason(endpoint=None, detector=Detector.DATA, text="<!everyone> " * 500)
    step = dataclasses.replace(broken.steps[2], reasons=(reason,))
    long = dataclasses.replace(broken, steps=(*broken.steps[:2], step))
    text = str(slack_message(long)["text"])
    assert "<!everyone>" not in text
    assert len(text) == 3000
