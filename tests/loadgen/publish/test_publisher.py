"""What one run sends out, and when."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from loadgen.publish.options import PushOptions, SlackOptions, SlackWhen
from loadgen.publish.publisher import Publisher
from loadgen.secret import Secret
from slo.verdict import Judgement
from tests.loadgen import samples
from tests.loadgen.publish.judgements import PASSED, VIOLATED, judged
from tests.loadgen.publish.receiving import receiving

FULL = samples.measurement()


@pytest.mark.parametrize(
    ("when", "judgement", "messages"),
    [
        (SlackWhen.FAILURE, None, 0),
        (SlackWhen.FAILURE, PASSED, 0),
        (SlackWhen.FAILURE, VIOLATED, 1),
        (SlackWhen.ALWAYS, PASSED, 1),
    ],
)
def test_slack_is_told_when_it_was_asked_to_be(
    when: SlackWhen, judgement: Judgement | None, messages: int
) -> None:
    warnings: list[str] = []
    with receiving() as (url, received):
        slack = SlackOptions(webhook=Secret(url), when=when)
        link = "https://ci.example.com/1"
        publisher = Publisher(push=None, slack=slack, link=link, warn=warnings.append)
        assert publisher.interim is None
        publisher.finish(judged(FULL, judgement))
    assert (len(received), warnings) == (messages, [])
    for request in received:
        message = json.loads(request.partition(b"\r\n\r\n")[2])
        assert link in [
            one["url"] for b in message["blocks"] for one in b.get("elements", []) if "url" in one
        ]


def test_metrics_go_out_during_the_run_and_at_its_end() -> None:
    warnings: list[str] = []
    with receiving() as (url, received):
        publisher = Publisher(push=PushOptions(url=url), slack=None, warn=warnings.append)
        assert publisher.interim is not None
        publisher.interim(FULL)
        publisher.finish(judged(FULL, VIOLATED))
    assert warnings == []
    # The first one may have been overtaken by the last.
    assert b"\nloadgen_run_finished 1.0\n" in received[-1]
    assert b"\nloadtest_slo_passed 0.0\n" in received[-1]


def test_what_fails_is_a_warning_each() -> None:
    warnings: list[str] = []
    with receiving("403 Forbidden") as (url, _):
        publisher = Publisher(
            push=PushOptions(url=url), slack=SlackOptions(webhook=Secret(url)), warn=warnings.append
        )
        publisher.finish(judged(FULL, VIOLATED))
    assert [text.split(" ")[0] for text in warnings] == ["Pushgateway", "Slack"]


def test_a_run_without_outlets_loads_no_libraries_for_them() -> None:
    code = (
        "import sys, loadgen.cli.session;"
        "from loadgen.publish.publisher import Publisher;"
        "Publisher(push=None, slack=None, warn=print);"
        "print(*{'httpx2', 'prometheus_client'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
