"""The split of live traffic, second by second."""

from __future__ import annotations

from pathlib import Path

from rollout.progressive.split_judge import LOST_LOOKS, REFUTED_LOOKS, SplitJudge
from rollout.progressive.stage import Stage
from rollout.proof import ProofOptions
from rollout.routers.router import RouterError, Served
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import FileRouter

STAGE = Stage(name="5%", percentage=5, duration_s=10)


class Leaking(FileRouter):
    """Says 5 % and gives 9."""

    def verify(self) -> Served:
        self._canary += 90
        self._stable += 910
        return Served(stable=self._stable, canary=self._canary)


class Idle(FileRouter):
    """Is given no request."""

    def verify(self) -> Served:
        return Served(stable=0, canary=0)


class Silent(FileRouter):
    """Is not there."""

    def verify(self) -> Served | None:  # type: ignore[override]  # as the Protocol has it
        raise RouterError("the file: no answer")


def test_a_split_that_holds_passes_and_is_counted(tmp_path: Path) -> None:
    router = FileRouter(tmp_path)
    router.set(5)
    judge = SplitJudge(router, ProofOptions())
    judge.begin(STAGE, 10, [{"stable": 950, "canary": 50}])
    looked = judge.look()
    assert (looked.verdict, looked.row) == (
        CanaryVerdict.INCONCLUSIVE,
        {"stable": 950, "canary": 50},
    )
    ended = judge.conclude()
    assert ended.verdict is CanaryVerdict.PASS
    assert ended.evidence == {"canary": 100, "n": 2000, "state": "proven"}
    assert judge.is_done()


def test_a_hold_without_traffic_rests_on_the_proof_before_it(tmp_path: Path) -> None:
    router = Idle(tmp_path)
    router.set(5)
    judge = SplitJudge(router, ProofOptions())
    judge.begin(STAGE, 10, [])
    judge.look()
    ended = judge.conclude()
    assert ended.verdict is CanaryVerdict.PASS
    assert ended.text == (
        "no live traffic since the split was proven (0 of 0 requests); this PASS rests on that "
        "proof of 5 % when the hold began, on nothing since"
    )


def test_who_moved_the_weight_is_named(tmp_path: Path) -> None:
    router = FileRouter(tmp_path)
    router.set(5)
    judge = SplitJudge(router, ProofOptions())
    judge.begin(STAGE, 10, [])
    router.set(50)
    for opinion in (judge.look(), judge.conclude()):
        assert opinion.verdict is CanaryVerdict.FAIL
        assert opinion.text == (
            "the canary's weight at the file is 50 %, although 5 % was set; it was changed by "
            "a test"
        )


def test_a_router_that_says_one_thing_and_does_another(tmp_path: Path) -> None:
    router = Leaking(tmp_path)
    router.set(5)
    judge = SplitJudge(router, ProofOptions())
    judge.begin(STAGE, 10, [])
    verdicts = [judge.look().verdict for _ in range(REFUTED_LOOKS)]
    assert verdicts[:-1] == [CanaryVerdict.INCONCLUSIVE] * (REFUTED_LOOKS - 1)
    assert verdicts[-1] is CanaryVerdict.FAIL
    assert judge.conclude().verdict is CanaryVerdict.FAIL


def test_a_router_that_is_lost_is_waited_for_and_then_given_up(tmp_path: Path) -> None:
    router = Silent(tmp_path)
    router.set(5)
    judge = SplitJudge(router, ProofOptions())
    judge.begin(STAGE, 10, [])
    opinions = [judge.look() for _ in range(LOST_LOOKS)]
    assert [opinion.lost for opinion in opinions] == [False] * (LOST_LOOKS - 1) + [True]
    assert opinions[0].text == "the file: no answer (1 s)"
    assert judge.conclude().verdict is CanaryVerdict.INCONCLUSIVE
