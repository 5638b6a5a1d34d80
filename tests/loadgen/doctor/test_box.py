from __future__ import annotations

import os
import resource
from collections.abc import Mapping
from pathlib import Path

import pytest

from loadgen.doctor import read_box

QUICK_S = 0.01


def _tree(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root


def test_reads_this_box() -> None:
    """The same things, asked for in another way."""
    box = read_box(watch_s=QUICK_S)
    assert box.files_hard in {resource.getrlimit(resource.RLIMIT_NOFILE)[1], None}
    assert box.cores_allowed == len(os.sched_getaffinity(0))
    assert box.ports is not None
    assert 0 < box.ports[0] < box.ports[1] < 65_536
    assert box.interruptions.watched_s >= QUICK_S
    assert 0 <= box.interruptions.lost_s <= box.interruptions.watched_s
    assert box.interruptions.longest_s <= box.interruptions.lost_s


def test_a_box_that_hides_everything_reads_as_nothing(tmp_path: Path) -> None:
    box = read_box(root=tmp_path, watch_s=QUICK_S)
    assert (box.ports, box.tw_reuse, box.somaxconn, box.quota_cores) == (None,) * 4
    assert box.governors == frozenset()
    assert box.clocksource == ""


def test_reads_the_kernel_s_files(tmp_path: Path) -> None:
    root = _tree(
        tmp_path,
        {
            "proc/sys/net/ipv4/ip_local_port_range": "1024\t65535",
            "proc/sys/net/ipv4/tcp_tw_reuse": "2",
            "proc/sys/net/core/somaxconn": "128",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "powersave",
            "sys/devices/system/cpu/cpu11/cpufreq/scaling_governor": "performance",
            "sys/devices/system/clocksource/clocksource0/current_clocksource": "hpet",
        },
    )
    box = read_box(root=root, watch_s=QUICK_S)
    assert box.ports == (1024, 65535)
    assert box.tw_reuse == 2
    assert box.somaxconn == 128
    assert box.governors == {"powersave", "performance"}
    assert box.clocksource == "hpet"


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        pytest.param(
            {"proc/self/cgroup": "0::/", "sys/fs/cgroup/cpu.max": "max 100000"},
            None,
            id="version 2 without a quota",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "0::/a.slice/b.service",
                "sys/fs/cgroup/a.slice/cpu.max": "150000 100000",
                "sys/fs/cgroup/a.slice/b.service/cpu.max": "400000 100000",
            },
            1.5,
            id="version 2: the narrowest on the way up counts",
        ),
        pytest.param(
            {"proc/self/cgroup": "0::/docker/1f", "sys/fs/cgroup/cpu.max": "50000 100000"},
            0.5,
            id="version 2 in a container",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "5:memory:/x\n4:cpu,cpuacct:/docker/1f\n1:name=systemd:/",
                "sys/fs/cgroup/cpu/docker/1f/cpu.cfs_quota_us": "200000",
                "sys/fs/cgroup/cpu/docker/1f/cpu.cfs_period_us": "100000",
            },
            2.0,
            id="version 1",
        ),
        pytest.param(
            {
                "proc/self/cgroup": "4:cpu:/",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
            },
            None,
            id="version 1 without a quota",
        ),
    ],
)
def test_finds_the_quota(tmp_path: Path, files: Mapping[str, str], cores: float | None) -> None:
    assert read_box(root=_tree(tmp_path, files), watch_s=QUICK_S).quota_cores == cores
