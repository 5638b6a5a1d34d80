"""loadgen.arena: the same layout as the C header, shared between processes, gone with them."""

from __future__ import annotations

import mmap
import os
import subprocess
import sys

import numpy as np
import pytest

from loadgen import _merge
from loadgen.arena import (
    CHECK_KINDS,
    CONTROL,
    ENDPOINT_STATS,
    ERROR_CLASSES,
    FAILED_ANSWER,
    FAILED_ANSWERS,
    HISTOGRAM_HEAD,
    LAYOUT_VERSION,
    MAGIC,
    SAMPLE_BYTES,
    STATUS_CODES,
    Arena,
    WorkerState,
    slot_dtype,
)
from loadgen.errors import LayoutError
from loadgen.sample_rings import RING_HEAD, SAMPLE
from slo.histogram import FINE_BITS


def layout_of(record: str, dtype: np.dtype[np.void]) -> dict[str, tuple[int, int]]:
    """A dtype in the form of _merge.layout()."""
    assert dtype.fields is not None
    fields = {f"{record}.{name}": (of[1], of[0].itemsize) for name, of in dtype.fields.items()}
    return {record: (0, dtype.itemsize), **fields}


def test_dtypes_have_the_fields_of_the_c_header() -> None:
    slot = layout_of("lg_slot", slot_dtype(3))
    end_of_head, endpoints_bytes = slot.pop("lg_slot.endpoints")
    assert endpoints_bytes == 3 * ENDPOINT_STATS.itemsize
    assert slot["lg_slot"] == (0, end_of_head + endpoints_bytes)
    slot["lg_slot"] = (0, end_of_head)  # C's sizeof leaves the flexible array out
    assert {
        **layout_of("lg_hist", HISTOGRAM_HEAD),
        **layout_of("lg_control", CONTROL),
        **layout_of("lg_endpoint_stats", ENDPOINT_STATS),
        **layout_of("lg_failed_answer", FAILED_ANSWER),
        **layout_of("lg_sample", SAMPLE),
        **layout_of("lg_samples", RING_HEAD),
        **slot,
    } == _merge.layout()


def test_constants_have_the_values_of_the_c_header() -> None:
    assert {
        "LG_MAGIC": MAGIC,
        "LG_LAYOUT_VERSION": LAYOUT_VERSION,
        "LG_STATUS_CODES": STATUS_CODES,
        "LG_ERROR_CLASSES": len(ERROR_CLASSES),
        "LG_CHECK_KINDS": len(CHECK_KINDS),
        "LG_FAILED_ANSWERS": FAILED_ANSWERS,
        "LG_SAMPLE_BYTES": SAMPLE_BYTES,
        **{f"LG_WORKER_{state.name}": state.value for state in WorkerState},
        **{f"LG_ERR_{name.upper()}": index for index, name in enumerate(ERROR_CLASSES)},
        **{f"LG_CHECK_{name.upper()}": index for index, name in enumerate(CHECK_KINDS)},
    } == _merge.constants()


@pytest.mark.parametrize("dtype", [CONTROL, ENDPOINT_STATS, slot_dtype(1), slot_dtype(2)])
def test_records_begin_on_cache_lines(dtype: np.dtype[np.void]) -> None:
    assert dtype.itemsize % 64 == 0


def test_a_worker_process_writes_what_the_coordinator_reads() -> None:
    worker = (
        "import sys\n"
        "from loadgen.arena import Arena, WorkerState\n"
        "with Arena.attach(int(sys.argv[1])) as arena:\n"
        "    arena.slots[1]['state'] = WorkerState.READY\n"
        "    arena.slots['endpoints']['sent'][1, 2] = arena.control['start_ns'] + 1\n"
    )
    with Arena.create(workers=2, endpoints=3) as arena:
        arena.control["start_ns"] = 2**63
        subprocess.run(
            [sys.executable, "-c", worker, str(arena.fd)], pass_fds=[arena.fd], check=True
        )
        assert arena.slots["state"].tolist() == [WorkerState.NEW, WorkerState.READY]
        assert arena.slots["endpoints"]["sent"].tolist() == [[0, 0, 0], [0, 0, 2**63 + 1]]


def test_memory_has_no_name_and_takes_no_pages_before_use() -> None:
    with Arena.create(workers=64, endpoints=20) as arena:
        assert os.readlink(f"/proc/self/fd/{arena.fd}").startswith("/memfd:loadgen")
        assert len(arena.memory) > 400 * 2**20
        assert os.fstat(arena.fd).st_blocks * 512 <= mmap.PAGESIZE


def test_reading_histograms_takes_no_pages_beyond_their_heads() -> None:
    with Arena.create(workers=8, endpoints=2) as arena:
        _merge.merge(arena.memory, arena.histogram_offsets("response").ravel(), FINE_BITS)
        assert os.fstat(arena.fd).st_blocks * 512 <= (1 + 8 * 2) * mmap.PAGESIZE


def test_offsets_are_where_the_views_lie() -> None:
    with Arena.create(workers=3, endpoints=2) as arena:
        base = np.frombuffer(arena.memory, dtype=np.uint8)
        for index, offset in np.ndenumerate(arena.histogram_offsets("lag")):
            base[int(offset)] = 7
            assert int(arena.slots["endpoints"]["lag"]["count"][index]) == 7
        for worker, offset in enumerate(arena.own_lag_offsets()):
            base[int(offset)] = 8
            assert int(arena.slots["own_lag"]["count"][worker]) == 8
            base[arena.slot_offset(worker)] = 9
            assert int(arena.slots["state"][worker]) == 9
        with pytest.raises(IndexError):
            arena.slot_offset(3)


def test_close_gives_the_descriptor_back_and_views_live_on() -> None:
    with Arena.create(workers=1, endpoints=1) as arena:
        fd, slots = arena.fd, arena.slots
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)
    arena.close()
    del arena
    slots["users"] = 5
    assert slots["users"].tolist() == [5]


@pytest.mark.parametrize(("workers", "endpoints"), [(0, 1), (1, 0), (-1, 1)])
def test_an_arena_needs_a_worker_and_an_endpoint(workers: int, endpoints: int) -> None:
    with pytest.raises(ValueError, match="expected 1 or more of each"):
        Arena.create(workers=workers, endpoints=endpoints)


def test_memory_that_the_system_does_not_give_leaks_no_descriptor() -> None:
    before = os.listdir("/proc/self/fd")
    with pytest.raises(OSError, match="Cannot allocate memory"):
        Arena.create(workers=2**36, endpoints=1)
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("magic", 1, f"magic number is 1; expected {MAGIC}"),
        ("version", 99, "layout version is 99; expected 2"),
        ("endpoints", 3, "slot size in bytes is .*; expected "),
        ("slot_bytes", 5, "slot size in bytes is 5; expected "),
        ("workers", 2**32 - 1, "size in bytes is .*; expected "),
    ],
)
def test_a_foreign_control_block_is_refused(field: str, value: int, message: str) -> None:
    with Arena.create(workers=2, endpoints=2) as arena:
        arena.control[field] = value
        with pytest.raises(LayoutError, match=message):
            Arena.attach(arena.fd)


def test_memory_too_small_for_a_control_block_is_refused() -> None:
    fd = os.memfd_create("small")
    os.write(fd, b"x" * 10)
    with pytest.raises(LayoutError, match="10 bytes of shared memory; expected at least 64"):
        Arena.attach(fd)
    os.close(fd)
