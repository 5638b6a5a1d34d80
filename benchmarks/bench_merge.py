"""How long does merging 64 workers x 20 endpoints and asking 10 percentiles of each take?

Response times with full precision, about 10,000 touched buckets in each of the 1,280
histograms, on one core. Beside it: NumPy over the same shared memory (touched range only),
and the hdrhistogram package with histograms of its own.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from hdrh.histogram import HdrHistogram

from benchmarks.harness import median, ratio, turns
from benchmarks.record import Row, Where, write
from loadgen import _merge
from loadgen.arena import Arena
from slo.histogram import FINE_BITS, MAX_NS, bucket_lows_ns, bucket_mids_ns

__all__ = ["MUST_REACH", "answer", "main", "runs"]

MUST_REACH = "≤ 50 ms"
WORKERS = 64
ENDPOINTS = 20
QUANTILES = np.array([0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999, 1.0])
TOUCHED_NS = (100_000, 95_000_000)
"""Spread evenly over the logarithm between these, values touch about 10,000 buckets."""
VALUES = 20_000
WARM_UPS = 2

Answers = list[list[int]]
Subject = Callable[[], Answers]


def runs(rounds: int) -> Iterator[Row]:
    """Each subject in turn, all asked for the same percentiles."""
    rng = np.random.default_rng(7)
    low, high = np.log(TOUCHED_NS)
    values = np.exp(rng.uniform(low, high, (ENDPOINTS, VALUES))).astype(np.uint64)
    with Arena.create(workers=WORKERS, endpoints=ENDPOINTS) as arena:
        _record(arena, values)
        heads = arena.slots["endpoints"]["response"]
        touched = float((heads["hi"].astype(np.int64) - heads["lo"] + 1).mean())
        subjects = _subjects(arena, values)
        _require_same_answers(subjects)
        for round_, name in turns(list(subjects), WARM_UPS + rounds):
            began_s = time.perf_counter()
            subjects[name]()
            took_s = time.perf_counter() - began_s
            if round_ >= WARM_UPS:
                yield {
                    "round": round_ - WARM_UPS,
                    "peer": name,
                    "workers": WORKERS,
                    "endpoints": ENDPOINTS,
                    "touched_buckets": touched,
                    "took_s": took_s,
                }


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV."""
    ours_s = median([row for row in rows if row["peer"] == "loadgen"], "took_s")
    times = {peer: ratio(rows, "took_s", peer, "loadgen") for peer in ("numpy", "hdrhistogram")}
    others = "; ".join(f"{peer}: {times[peer]:.1f} × as long" for peer in times)
    return f"{1000 * ours_s:.1f} ms; {others}"


def main() -> None:
    """Reads the command line, measures on one core, writes, prints the answer."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="the CSV to write")
    parser.add_argument("--rounds", type=int, default=20, help="default: %(default)s")
    given = parser.parse_args()
    where = Where.here()
    os.sched_setaffinity(0, {where.client_cpu})
    print(answer(write(given.out, runs(given.rounds), where)))


def _subjects(arena: Arena, values: np.ndarray) -> Mapping[str, Subject]:
    offsets = np.ascontiguousarray(arena.histogram_offsets("response").T)
    stats = arena.slots["endpoints"]
    mids_ns = bucket_mids_ns(FINE_BITS)
    peers = [_hdr_histograms(row) for row in values]

    def loadgen() -> Answers:
        merged = (_merge.merge(arena.memory, row, FINE_BITS) for row in offsets)
        return [_merge.quantiles(words, QUANTILES).tolist() for words in merged]

    def numpy() -> Answers:
        answers = []
        for endpoint in range(ENDPOINTS):
            heads = stats["response"][:, endpoint]
            lo, hi = int(heads["lo"].min()), int(heads["hi"].max())
            counts = stats["response_counts"][:, endpoint, lo : hi + 1].sum(axis=0)
            reached = np.cumsum(counts)
            found = np.searchsorted(reached, np.ceil(QUANTILES * float(reached[-1])))
            answers.append(
                np.clip(mids_ns[lo + found], heads["min_ns"].min(), heads["max_ns"].max()).tolist()
            )
        return answers

    def hdrhistogram() -> Answers:
        answers = []
        for histograms in peers:
            whole = HdrHistogram(1, MAX_NS, 3)
            for histogram in histograms:
                whole.add(histogram)
            by_percent = whole.get_percentile_to_value_dict((100 * QUANTILES).tolist())
            answers.append(list(by_percent.values()))
        return answers

    return {"loadgen": loadgen, "numpy": numpy, "hdrhistogram": hdrhistogram}


def _record(arena: Arena, values: np.ndarray) -> None:
    """The same values of an endpoint in each worker: a merge does not care."""
    for (_, endpoint), offset in np.ndenumerate(arena.histogram_offsets("response")):
        _merge.init(arena.memory, int(offset), FINE_BITS)
        _merge.record(arena.memory, int(offset), values[endpoint])


def _hdr_histograms(values: np.ndarray) -> list[HdrHistogram]:
    """The same values in each worker; recorded once, since the package takes 1 us for each."""
    recorded = HdrHistogram(1, MAX_NS, 3)
    for value in values.tolist():
        recorded.record_value(value)
    histograms = [HdrHistogram(1, MAX_NS, 3) for _ in range(WORKERS)]
    for histogram in histograms:
        histogram.add(recorded)
    return histograms


def _require_same_answers(subjects: Mapping[str, Subject]) -> None:
    """What is compared must do the same work.

    Raises:
        RuntimeError: a subject's percentiles lie in other buckets.
    """
    lows_ns = bucket_lows_ns(FINE_BITS)
    buckets = {
        name: np.searchsorted(lows_ns, np.array(subject(), dtype=np.uint64), side="right").tolist()
        for name, subject in subjects.items()
    }
    for name, found in buckets.items():
        if found != buckets["loadgen"]:
            raise RuntimeError(f"{name} answers {found}; expected {buckets['loadgen']}")


if __name__ == "__main__":
    main()
