"""Does memory stay flat in a long run at full speed?

Ten minutes (--minutes) of keep-alive GETs by 64 connections; resident memory of the
coordinator and of each of its processes every 10 s.
"""

import time
from collections.abc import Iterator, Sequence

from benchmarks.harness import Lab, main
from benchmarks.peers import PEERS
from benchmarks.record import Row

__all__ = ["MUST_REACH", "answer", "runs"]

MUST_REACH = "flat after the first 30 s"
CONNECTIONS = 64
SETTLED_S = 30.0


def runs(lab: Lab) -> Iterator[Row]:
    """One row per sample and process."""
    load = lab.load(CONNECTIONS)
    every_s = lab.given["every"]
    with lab.start(PEERS["loadgen"], load) as client:
        start_s = time.monotonic()
        while (at_s := time.monotonic() - start_s) < load.seconds and client.running:
            for index, resident_bytes in enumerate(client.memory_bytes()):
                role = f"worker {index - 1}" if index else "coordinator"
                yield {"at_s": at_s, "process": role, "resident_bytes": resident_bytes}
            time.sleep(every_s)
        client.wait(60, fine=PEERS["loadgen"].fine)


def answer(rows: Sequence[Row]) -> str:
    """The figures, from the CSV: growth from the first sample after 30 s to the last."""
    settled = [row for row in rows if float(row["at_s"]) >= SETTLED_S] or rows
    figures = []
    for process in sorted({str(row["process"]) for row in settled}):
        some = [int(row["resident_bytes"]) for row in settled if row["process"] == process]
        growth_kib, size_mib = (some[-1] - some[0]) / 1024, some[-1] / 1024**2
        figures.append(f"{process} {growth_kib:+,.0f} KiB of {size_mib:.1f} MiB")
    minutes = float(rows[-1]["at_s"]) / 60
    return f"in {minutes:.0f} minutes: {', '.join(figures)}"


if __name__ == "__main__":
    main(__doc__, runs, answer, seconds=600.0, every=10.0)
