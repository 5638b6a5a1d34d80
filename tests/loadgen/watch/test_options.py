"""Options keep to themselves what must not be read."""

from __future__ import annotations

from loadgen.watch.options import PrometheusQueries, WatchOptions


def test_no_password_is_shown() -> None:
    queries = PrometheusQueries(url="http://me:hidden@localhost", cpu="up")
    assert "hidden" not in repr(WatchOptions(prometheus=queries))
