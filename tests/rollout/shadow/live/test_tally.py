"""Counts that several processes write and one adds up."""

from __future__ import annotations

import os

from rollout.shadow.live.tally import CLIENTS, SEEN, WORD, Fate, Tally


def test_another_process_counts_into_its_own_slot() -> None:
    tally = Tally(2)
    pid = os.fork()
    if pid == 0:
        slot = tally.slot(1)
        slot[SEEN] += 5
        slot[WORD[Fate.PAIRED]] += 2
        os._exit(0)
    os.waitpid(pid, 0)
    tally.slot(0)[SEEN] += 1
    tally.slot(0)[WORD[Fate.RATE]] += 1
    tally.slot(0)[CLIENTS] += 3
    counts = tally.read()
    assert (counts.seen, counts.pairs, counts.clients, counts.tunnels) == (6, 2, 3, 0)
    assert {fate: count for fate, count in counts.fates.items() if count} == {
        Fate.PAIRED: 2,
        Fate.RATE: 1,
    }
