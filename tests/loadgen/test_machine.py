"""What the kernel says of time that was taken from us, read from real and from written files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from loadgen import machine
from loadgen.machine import Waits, read_waits


def test_this_process_has_waited_and_the_machine_has_run() -> None:
    waits = read_waits([os.getpid()])
    assert waits.run_delay_ns[0] > 0
    assert waits.machine_s > 0
    assert waits.stolen_s >= 0


def test_a_process_that_is_gone_reads_as_zero() -> None:
    assert read_waits([2**22 - 1]).run_delay_ns == (0,)


def test_the_sources_are_read_as_the_kernel_writes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proc = tmp_path / "proc"
    for folder in (proc / "7", proc / "self"):
        folder.mkdir(parents=True)
    (proc / "7" / "schedstat").write_text("123 456789 12\n")
    (proc / "stat").write_text("cpu  100 0 50 800 10 0 5 35 0 0\ncpu0 1 2 3\n")
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    hertz = os.sysconf("SC_CLK_TCK")
    assert read_waits([7]) == Waits(
        run_delay_ns=(456789,),
        throttled_s=0.0,
        stolen_s=35 / hertz,
        machine_s=1000 / hertz,
    )


def test_a_difference_is_never_negative_for_a_worker_that_ended() -> None:
    early = Waits(run_delay_ns=(5, 5), throttled_s=1.0, stolen_s=2.0, machine_s=10.0)
    late = Waits(run_delay_ns=(9, 0), throttled_s=1.5, stolen_s=2.0, machine_s=30.0)
    assert late.since(early) == Waits(
        run_delay_ns=(4, 0), throttled_s=0.5, stolen_s=0.0, machine_s=20.0
    )


@pytest.mark.parametrize(
    ("group", "folder", "line"),
    [
        ("0::/ci/job", "sys/fs/cgroup/ci/job", "throttled_usec 2500000"),
        ("0::/ci/job", "sys/fs/cgroup/ci", "throttled_usec 2500000"),
        ("4:cpu,cpuacct:/ci/job", "sys/fs/cgroup/cpu/ci/job", "throttled_time 2500000000"),
    ],
    ids=["version 2", "version 2, one around it", "version 1"],
)
def test_a_quota_of_our_group_or_one_around_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, group: str, folder: str, line: str
) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(f"9:memory:/elsewhere\n{group}\n")
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "cpu.stat").write_text(f"nr_periods 5\n{line}\n")
    monkeypatch.setattr(machine, "ROOT", tmp_path)
    assert read_waits([]).throttled_s == 2.5
