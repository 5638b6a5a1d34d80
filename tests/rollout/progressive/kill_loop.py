"""Kills a rollout at every point of its journal, has another process go on, and says what came.

Run as `python -m tests.rollout.progressive.kill_loop SCENARIO AFTERWARDS FOLDER`; prints JSON. One
process forks them all, so that nothing is imported twice.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from rollout.progressive.history import read_record, read_rollouts
from rollout.progressive.machine import Event
from rollout.progressive.orders import place_order
from slo.canary import CanaryVerdict
from tests.rollout.progressive.rehearsal import Rehearsal

SCENARIOS = {
    "promotion": {},
    "failure": {"100%": CanaryVerdict.FAIL},
    "order": {},
}


class Points:
    """Counts the points of a journal; dies at one of them, and orders at one if it has to."""

    def __init__(self, rehearsal: Rehearsal, *, dies_at: int | None, orders: bool) -> None:
        self._path = rehearsal.path
        self._dies_at = dies_at
        self._orders = orders
        self.seen: list[str] = []

    def __call__(self, what: str) -> None:
        self.seen.append(what)
        if self._orders and what == "after second":
            self._order_once()
        if len(self.seen) - 1 == self._dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def _order_once(self) -> None:
        ordered = self._path.parent / "ordered"
        if not ordered.exists():
            ordered.touch()
            _abort(self._path)


def _abort(path: Path) -> None:
    for rollout in read_rollouts(path):
        place_order(path, rollout.id, Event.TAKE_BACK, who="a test")


def _forked(work: Callable[[], object]) -> int:
    """Does something in a process of its own.

    Returns:
        The signal that ended it; 0 for none.
    """
    pid = os.fork()
    if not pid:
        try:
            work()
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
    _, status = os.waitpid(pid, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "a rollout ended in an error"
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def _rehearse(scenario: str, folder: Path, dies_at: int | None = None) -> Points:
    folder.mkdir(exist_ok=True)
    rehearsal = Rehearsal(folder=folder, verdicts=SCENARIOS[scenario])
    points = Points(rehearsal, dies_at=dies_at, orders=scenario == "order")
    rehearsal.on_write = points
    rehearsal.drive()
    return points


def _is_tried(scenario: str, afterwards: str, points: list[str], number: int) -> bool:
    """Leaves out what another scenario tries, or is the same to who aborts."""
    if afterwards == "abort":
        return points[number].startswith("before")
    return scenario == "promotion" or number >= points.index("before state rolling back") - 2


def _outcome(folder: Path) -> dict[str, object]:
    rehearsal = Rehearsal(folder=folder, verdicts={})
    begun = read_rollouts(rehearsal.path)
    return {
        "phase": read_record(rehearsal.path).state.phase if begun else "",
        "actions": rehearsal.actions,
    }


def main(scenario: str, afterwards: str, folder: Path) -> None:
    """Prints the undisturbed outcome, and that of a death at each point."""
    points = _rehearse(scenario, folder / "undisturbed").seen
    deaths = []
    for number, what in enumerate(points):
        if not _is_tried(scenario, afterwards, points, number):
            continue
        place = folder / f"{number}"
        killed_by = _forked(lambda n=number, p=place: _rehearse(scenario, p, n))  # type: ignore[misc]
        if afterwards == "abort":
            _abort(place / "shop.sqlite")
        if afterwards == "resume" or read_rollouts(place / "shop.sqlite"):
            _forked(lambda p=place: _rehearse(scenario, p))  # type: ignore[misc]
        deaths.append({"point": what, "killed_by": killed_by, **_outcome(place)})
    undisturbed = _outcome(folder / "undisturbed")
    json.dump({"undisturbed": undisturbed, "deaths": deaths}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
