"""Rehearsals: every action in its order, and nothing changed."""

from __future__ import annotations

from pathlib import Path

from loadgen.rollback import RollbackOptions
from rollout.progressive.crew import Crew, RolloutPlan
from rollout.progressive.rehearse import DRILL_STAGES, DrillJudge, dry_run
from rollout.progressive.stage import Hook, Stage, stage_problems
from rollout.proof import ProofOptions
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import FileRouter

HOOK = Hook(url="http://127.0.0.1:9")


def test_every_action_and_its_inverse(tmp_path: Path) -> None:
    stages = (
        Stage(name="5%", percentage=5, duration_s=300, gate=True, before=(HOOK,), after=(HOOK,)),
        Stage(name="all", percentage=100, duration_s=60),
    )
    crew = Crew(
        router=FileRouter(tmp_path),
        proof=ProofOptions(),
        judges=(DrillJudge(),),
        command=RollbackOptions(command=("kubectl", "rollout", "undo")),
    )
    assert list(dry_run(RolloutPlan(stages=stages), crew)) == [
        ("call a webhook before 5%", ""),
        ("weight 5", "weight 0"),
        ("measure that the canary has 5 %", ""),
        ("hold 5% for 5m, judged by: drill", ""),
        ("call a webhook after 5%", ""),
        ("wait for `promote` after 5%", ""),
        ("weight 100", "weight 0"),
        ("measure that the canary has 100 %", ""),
        ("hold all for 1m, judged by: drill", ""),
        ("on failure, after the weights: run kubectl rollout undo", ""),
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_drill_fails_at_once_and_moves_one_percent() -> None:
    judge = DrillJudge()
    judge.begin(DRILL_STAGES[0], 1, [])
    assert judge.look().verdict is CanaryVerdict.FAIL
    assert DRILL_STAGES[0].percentage == 1
    assert stage_problems(DRILL_STAGES) == []
