"""Who is asked for what the target uses."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from loadgen.errors import ConfigError
from loadgen.watch.choose import choose_source
from loadgen.watch.options import PrometheusQueries, WatchOptions


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (WatchOptions(pid=os.getpid()), "ProcessSource"),
        (WatchOptions(container="shop"), "ContainerSource"),
        (WatchOptions(prometheus=PrometheusQueries(url="http://localhost")), "PrometheusSource"),
    ],
)
def test_each_way_has_its_source(options: WatchOptions, expected: str) -> None:
    source = choose_source(options)
    assert source is not None
    assert type(source).__name__ == expected
    source.close()


def test_nothing_is_watched_unasked() -> None:
    assert choose_source(WatchOptions()) is None


def test_a_process_that_is_not_there_is_a_mistake() -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    with pytest.raises(ConfigError, match=f"watch.pid: process {gone.pid}: found none"):
        choose_source(WatchOptions(pid=gone.pid))


def test_the_way_to_an_engine_loads_no_http_client() -> None:
    code = "import sys, loadgen.coordinator; print('httpx2' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
