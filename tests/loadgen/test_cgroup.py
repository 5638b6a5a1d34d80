"""Which folders ration our CPU time."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen.cgroup import cpu_folders


@pytest.mark.parametrize(
    ("why", "groups", "expected"),
    [
        ("version 2", "0::/a/b\n", ["", "a", "a/b"]),
        ("version 1", "3:cpuset:/x\n2:cpu,cpuacct:/a\n", ["cpu", "cpu/a"]),
        ("both", "1:cpu:/a\n0::/\n", ["", "cpu", "cpu/a"]),
        ("neither", "", []),
    ],
)
def test_our_group_and_those_around_it(
    tmp_path: Path, why: str, groups: str, expected: list[str]
) -> None:
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/cgroup").write_text(groups)
    mount = tmp_path / "sys/fs/cgroup"
    assert sorted(cpu_folders(tmp_path)) == [mount / path for path in expected], why


def test_without_control_groups_there_is_nothing(tmp_path: Path) -> None:
    assert list(cpu_folders(tmp_path)) == []
