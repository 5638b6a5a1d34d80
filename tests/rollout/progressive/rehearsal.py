"""A rollout whose traffic is a file: every action leaves a line, so that none can hide.

The tests of the controller drive it, and the loop that kills it at every journal point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loadgen.interrupts import Interrupts
from loadgen.rollback import RollbackOptions
from rollout.progressive.announcer import Announcer
from rollout.progressive.controller import Controller
from rollout.progressive.crew import Crew, RolloutPlan
from rollout.progressive.entry import Rollout
from rollout.progressive.history import read_record, read_rollouts
from rollout.progressive.journal import Journal
from rollout.progressive.judge import Judge, Opinion, Row
from rollout.progressive.machine import State, begin
from rollout.progressive.news import News
from rollout.progressive.policy import RolloutPolicy
from rollout.progressive.split_judge import SplitJudge
from rollout.progressive.stage import Hook, Stage
from rollout.proof import ProofOptions
from rollout.routers.router import Change, RouterError, Served
from slo.canary import CanaryVerdict

ID = "20260101T000000Z-000001"
HOOK = Hook(url="http://127.0.0.1:9/hook")
STAGES = (
    Stage(name="5%", percentage=5, duration_s=0.03, before=(HOOK,), after=(HOOK,)),
    Stage(name="100%", percentage=100, duration_s=0.03),
)


class FileRouter:
    """A router that keeps its weight in a file and is asked 1,000 requests between two looks."""

    text = "the file"

    def __init__(self, folder: Path) -> None:
        self.weight_file = folder / "weight"
        self.log = folder / "actions"
        self._stable = self._canary = 0
        self.broken: RouterError | None = None

    def nearest(self, weight_percent: float) -> float:
        return weight_percent

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        now = self.get()
        return (Change(action=f"weight {weight_percent:g}", inverse=f"weight {now:g}"),)

    def get(self) -> float:
        return float(self.weight_file.read_text()) if self.weight_file.exists() else 0.0

    def set(self, weight_percent: float) -> None:
        if self.broken:
            raise self.broken
        note(self.log, f"weight {weight_percent:g}")
        self.weight_file.write_text(f"{weight_percent:g}")

    def verify(self) -> Served:
        part = round(self.get() * 10)
        self._canary += part
        self._stable += 1000 - part
        return Served(stable=self._stable, canary=self._canary)

    def changed_by(self) -> str:
        return "a test"


class Script:
    """A judge that says what it is told: PASS, or FAIL at the stages that are named."""

    name = "script"
    starts_over = False

    def __init__(self, verdicts: Mapping[str, CanaryVerdict]) -> None:
        self._verdicts = verdicts
        self._verdict = CanaryVerdict.PASS
        self.stopped = 0

    def begin(self, stage: Stage, duration_s: float, rows: Sequence[Row]) -> None:
        del duration_s, rows
        self._verdict = self._verdicts.get(stage.name, CanaryVerdict.PASS)

    def look(self) -> Opinion:
        failed = self._verdict is CanaryVerdict.FAIL
        verdict = CanaryVerdict.FAIL if failed else CanaryVerdict.INCONCLUSIVE
        return Opinion(judge=self.name, verdict=verdict, text="as it was told")

    def is_done(self) -> bool:
        return True

    def conclude(self) -> Opinion:
        return Opinion(judge=self.name, verdict=self._verdict, text="as it was told")

    def stop(self) -> None:
        self.stopped += 1


@dataclass(kw_only=True)
class Rehearsal:
    """How a rollout is to go.

    Attributes:
        folder: of its files.
        verdicts: by stage; PASS elsewhere.
        on_write: of the journal.
        router: instead of the plain one.
        disk_lost_at: a write before which the disk becomes read-only, as it does on errors.
    """

    folder: Path
    verdicts: Mapping[str, CanaryVerdict]
    stages: tuple[Stage, ...] = STAGES
    policy: RolloutPolicy = field(default_factory=RolloutPolicy)
    attended: bool = False
    on_write: Callable[[str], None] | None = None
    on_news: Callable[[News], None] = lambda _news: None
    judges: tuple[Judge, ...] = ()
    check_stable: Callable[[], str] | None = None
    announcer: Announcer | None = None
    router: FileRouter | None = None
    proof: ProofOptions = field(default_factory=ProofOptions)
    disk_lost_at: str = ""

    @property
    def path(self) -> Path:
        return self.folder / "shop.sqlite"

    @property
    def actions(self) -> list[str]:
        log = self.folder / "actions"
        return log.read_text().splitlines() if log.exists() else []

    def drive(self) -> State:
        """Begins the rollout, or goes on with the one that the journal has."""
        router = self.router or FileRouter(self.folder)
        journal = Journal(self.path, on_write=self.on_write, sleep=lambda _s: None)
        if self.disk_lost_at:
            journal._on_write = lambda what: self._lose_disk(journal, what)
        interrupts = Interrupts()
        known = read_rollouts(self.path)
        rollout = known[-1] if known else _rollout()
        state = read_record(self.path).state if known else begin(self.stages)
        if not known:
            journal.begin(rollout, state)
        try:
            return Controller(
                journal,
                rollout,
                state,
                plan=RolloutPlan(stages=self.stages, policy=self.policy, attended=self.attended),
                crew=self._crew(router),
                interrupts=interrupts,
                reason="Rollout begun",
            ).run()
        finally:
            interrupts.close()
            journal.close()

    def _lose_disk(self, journal: Journal, what: str) -> None:
        if what == f"before {self.disk_lost_at}":
            journal._database.execute("PRAGMA query_only = 1")

    def _crew(self, router: FileRouter) -> Crew:
        def call_hook(
            _hook: Hook, _body: Mapping[str, object], key: str, _given_up: Callable[[], bool]
        ) -> str:
            note(router.log, f"hook {key.partition('/')[2]}")
            return ""

        return Crew(
            router=router,
            proof=self.proof,
            judges=self.judges or (SplitJudge(router, self.proof), Script(self.verdicts)),
            check_stable=self.check_stable,
            command=RollbackOptions(
                command=("sh", "-c", 'echo undo >> "$0"', str(router.log)), retries=0
            ),
            call_hook=call_hook,
            announcer=self.announcer,
            on_news=self.on_news,
        )


def note(log: Path, line: str) -> None:
    """Writes a line of the log."""
    with log.open("a") as stream:
        stream.write(f"{line}\n")


def _rollout() -> Rollout:
    return Rollout(
        id=ID,
        deployment="shop",
        namespace="",
        settings={},
        begun_at="2026-01-01T00:00:00.000Z",
        who="a test",
    )
