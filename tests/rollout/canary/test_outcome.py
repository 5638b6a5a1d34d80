"""Exit codes by the house's table, and when a rollback is ordered."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from loadgen.consequence import RollbackOutcome
from loadgen.exitcode import ExitCode
from loadgen.rollback import RollbackOptions
from loadgen.secret import Secret
from loadgen.target import running_target
from rollout.canary.outcome import after_rollback, exit_code, rollback_withheld
from rollout.canary.verification import Verification
from slo.policy import OnInconclusive
from tests.loadgen import judged
from tests.rollout.canary.samples import verification

UNDECIDED = judged.undecided()


def rolled_back(*, succeeded: bool) -> RollbackOutcome:
    return RollbackOutcome(
        ordered=True, succeeded=succeeded, attempts=1, seconds=1.0, output=(), text="Done"
    )


def undecided(on_inconclusive: OnInconclusive, *, interrupted: bool = False) -> Verification:
    return verification(
        load_test=UNDECIDED, on_inconclusive=on_inconclusive, interrupted=interrupted
    )


@pytest.mark.parametrize(
    ("of", "code"),
    [
        (verification, ExitCode.PASS),
        (lambda: verification("broken"), ExitCode.FAIL),
        (lambda: verification("broken", failure="a worker died"), ExitCode.FAIL),
        (lambda: verification("broken", rollback=rolled_back(succeeded=True)), ExitCode.FAIL),
        (
            lambda: verification("broken", rollback=rolled_back(succeeded=False)),
            ExitCode.ROLLBACK_FAILED,
        ),
        (lambda: verification("unanswered"), ExitCode.INCONCLUSIVE),
        (lambda: undecided(OnInconclusive.PAUSE), ExitCode.INCONCLUSIVE),
        (lambda: undecided(OnInconclusive.EXTEND), ExitCode.INCONCLUSIVE),
        (lambda: undecided(OnInconclusive.PROMOTE), ExitCode.PASS),
        (lambda: undecided(OnInconclusive.FAIL), ExitCode.FAIL),
        (lambda: undecided(OnInconclusive.PROMOTE, interrupted=True), ExitCode.INCONCLUSIVE),
        (lambda: verification(load_test=UNDECIDED, failure="a worker died"), ExitCode.NOT_DONE),
    ],
    ids=[
        "passed",
        "failed",
        "what was proven stays proven",
        "failed and taken back",
        "failed and still there",
        "a baseline that does not answer",
        "nothing proven",
        "nothing proven in the longest time either",
        "nothing proven will do",
        "nothing proven will not do",
        "ended by hand",
        "could not be done",
    ],
)
def test_exit_code(of: Callable[[], Verification], code: ExitCode) -> None:
    assert exit_code(of()) is code


@pytest.mark.parametrize(
    ("of", "auto", "why_not"),
    [
        (lambda: verification("broken"), True, ""),
        (
            lambda: verification("broken"),
            False,
            "nobody asked for it (--auto-rollback-on-loadfail)",
        ),
        (
            lambda: verification("broken", interrupted=True),
            True,
            "the verification was ended by hand",
        ),
        (verification, True, "the verdict is PASS"),
        (lambda: verification("unanswered"), True, "the verdict is INVALID"),
        (lambda: undecided(OnInconclusive.PAUSE), True, "the verdict is INCONCLUSIVE"),
        (lambda: undecided(OnInconclusive.FAIL), True, ""),
    ],
    ids=["failed", "no leave", "by hand", "passed", "invalid", "inconclusive", "taken for failed"],
)
def test_production_is_not_touched_by_surprise(
    of: Callable[[], Verification], *, auto: bool, why_not: str
) -> None:
    assert rollback_withheld(of(), RollbackOptions(command=("true",), auto=auto)) == why_not


def test_the_command_runs_once_and_is_told_why(tmp_path: Path) -> None:
    log = tmp_path / "log"
    write = f"import sys; open({str(log)!r}, 'a').write(sys.argv[1] + chr(10)); print('key s3cret')"
    options = RollbackOptions(
        command=(sys.executable, "-c", write, "{run_id}: {violations}"), auto=True
    )
    after = after_rollback(verification("broken"), options, secrets=[Secret("s3cret")])
    (line,) = log.read_text().splitlines()
    assert line.startswith(f"{after.id}: /c: 50.")
    assert after.rollback is not None
    assert (after.rollback.ordered, after.rollback.succeeded) == (True, True)
    assert "s3cret" not in " ".join(after.rollback.output)


def test_production_is_asked_after_a_rollback_whether_it_answers() -> None:
    options = RollbackOptions(command=("true",), auto=True)

    def told(url: str) -> str:
        after = after_rollback(verification("broken"), options, asks_url=url).rollback
        assert after is not None
        assert after.succeeded
        return after.text

    with running_target() as well, running_target(error_rate="100%") as broken:
        assert told(well).endswith(f"; {well} answers")
        assert told(broken).endswith(
            f"; but a person is needed: 3 requests to {broken} failed, the last: status 500"
        )


def test_a_rollback_that_is_withheld_is_told_of(tmp_path: Path) -> None:
    touched = tmp_path / "touched"
    options = RollbackOptions(command=("touch", str(touched)), auto=True)
    after = after_rollback(verification(), options)
    assert after.rollback is not None
    assert after.rollback.text == "Not rolled back: the verdict is PASS"
    assert not touched.exists()
