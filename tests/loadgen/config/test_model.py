"""loadgen.yml as a whole: which section stands where."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from loadgen.config.endpoint_section import EndpointOptions, ListedEndpoint
from loadgen.config.load_test_section import LoadTest
from loadgen.config.model import Config, Environment, keys_of, section_at
from loadgen.config.publish_section import PublishSection, PushgatewaySection, SlackSection
from loadgen.config.threshold_section import Latency, Thresholds
from loadgen.config.watch_section import PrometheusSection, WatchSection


@pytest.mark.parametrize(
    ("path", "section"),
    [
        ((), Config),
        (("load_test",), LoadTest),
        (("thresholds",), Thresholds),
        (("thresholds", "latency"), Latency),
        (("environments", "load_test"), Environment),
        (("environments", "x", "load_test"), LoadTest),
        (("load_test", "endpoints", "mapping", "/a"), EndpointOptions),
        (("load_test", "endpoints", "list", 0), ListedEndpoint),
        (("publish",), PublishSection),
        (("publish", "pushgateway"), PushgatewaySection),
        (("publish", "slack"), SlackSection),
        (("watch",), WatchSection),
        (("watch", "prometheus"), PrometheusSection),
    ],
)
def test_the_section_at_a_place(path: tuple[int | str, ...], section: type[BaseModel]) -> None:
    assert section_at(path) is section


def test_keys_are_named_as_they_are_written() -> None:
    assert "json" in keys_of(LoadTest)
    assert "json_file" not in keys_of(LoadTest)
