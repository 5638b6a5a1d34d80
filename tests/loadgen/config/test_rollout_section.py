"""`rollout:` of loadgen.yml: the issue's example, and mistakes with their place."""

from __future__ import annotations

import pytest

from loadgen.config.file import parse_config
from loadgen.config.rollout_section import RolloutSection
from loadgen.errors import ConfigError
from slo.policy import Fallback, OnFailure

EXAMPLE = """\
rollout:
  url: http://127.0.0.1:8080
  stable_url: http://127.0.0.1:9001
  canary_url: http://127.0.0.1:9002
  router: {kind: haproxy, socket: /run/haproxy/admin.sock, backend: app}
  stages: [{name: "5% Traffic", percentage: 5, duration: 300}, {percentage: 100, duration: 5m}]
  prometheus:
    url: http://127.0.0.1:9090
    queries: [{name: errors, query: sum(x), limit: "< 0.5", on_failure: pause}]
  before: ["https://hooks.example.com/a"]
  on_lost: rollback
rollback:
  command: [kubectl, rollout, undo, "deployment/{deployment}", -n, "{namespace}"]
"""


def _read(text: str) -> RolloutSection:
    section = parse_config(text, "loadgen.yml", lambda _name: b"").config.rollout
    assert section is not None
    return section


def test_the_issues_example() -> None:
    section = _read(EXAMPLE)
    assert section.stages is not None
    assert [(each.percentage, each.duration) for each in section.stages] == [(5, 300), (100, 300)]
    assert section.router is not None
    assert section.router.kind == "haproxy"
    assert section.before is not None
    assert section.before[0].url == "https://hooks.example.com/a"
    assert section.on_lost is Fallback.ROLLBACK
    assert section.prometheus is not None
    (query,) = section.prometheus.queries
    assert (query.limit, query.interval, query.on_failure) == (("<", 0.5), 10, OnFailure.PAUSE)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("deployment: a/b", "rollout.deployment: found 'a/b', expected a name of letters"),
        ("on_failure: revert", "found 'revert', expected rollback, pause or continue"),
        ("stages: [{percentage: 5}]", "found no duration, expected it here"),
        ("stages: [{percentge: 5, duration: 1}]", "a key of stages; did you mean percentage?"),
        ("stages: [{percentage: 500, duration: 1}]", "expected a number from 0.01 to 100"),
        ("router: {kind: haprox}", "did you mean haproxy?"),
        (
            "router: {kind: haproxy, socket: s, backend: a, backnd: b}",
            "a key of haproxy; did you mean backend?",
        ),
        ("before: [ftp://x]", "found no URL, expected http://... or https://..."),
        (
            "prometheus: {url: 'http://p', queries: [{name: a, query: b, limit: '5'}]}",
            "found '5', expected a limit such as '< 0.5'",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(line: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _read(f"rollout:\n  {line}\n")
    assert problem in str(caught.value)
    assert str(caught.value).startswith("loadgen.yml:2:")
