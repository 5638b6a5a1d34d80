"""What GitHub Actions is told of a canary verification."""

from __future__ import annotations

import dataclasses

from loadgen.consequence import RollbackOutcome
from rollout.report.verification_github import commands, outputs, summary
from slo.policy import OnInconclusive
from tests.loadgen import judged
from tests.rollout.canary.samples import CANARY_URL, verification

ROLLED_BACK = RollbackOutcome(
    ordered=True, succeeded=True, attempts=1, seconds=1.0, output=(), text="Rolled back: yes"
)


def test_outputs() -> None:
    assert outputs(verification()) == {
        "verdict": "PASS",
        "accepted": "true",
        "rolled_back": "false",
        "canary_url": CANARY_URL,
    }
    failed = outputs(verification("broken", rollback=ROLLED_BACK))
    assert (failed["verdict"], failed["accepted"], failed["rolled_back"]) == (
        "FAIL",
        "false",
        "true",
    )
    promoted = verification(load_test=judged.undecided(), on_inconclusive=OnInconclusive.PROMOTE)
    assert outputs(promoted)["accepted"] == "true"


def test_the_summary_says_verdict_and_steps() -> None:
    text = summary(verification("broken"))
    assert "❌ FAILED" in text
    assert "| Comparison | FAIL |" in text


def test_reasons_and_a_rollback_are_annotations() -> None:
    first, second, *_ = commands(verification("broken", rollback=ROLLED_BACK))
    assert first == "::warning title=Canary FAIL::Rolled back: yes"
    assert second.startswith("::error title=Canary FAIL::")
    assert commands(verification())[0].startswith("::notice title=Canary PASS::Nothing is worse")
    failed = dataclasses.replace(verification(), failure="A worker died.")
    assert commands(failed)[0] == "::error title=Canary PASS::A worker died."
