"""Options over the environment over the file, and what GitHub says of itself."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from loadgen.config.file import parse_config
from loadgen.config.load_test_section import LoadTest
from loadgen.config.outlets import Outlets, find_outlets
from loadgen.publish.options import GithubOptions, Grouping, PushOptions, SlackOptions, SlackWhen
from loadgen.secret import Secret
from loadgen.watch.options import WatchOptions

FILE = """
publish:
  pushgateway: {url: "http://file:9091", grouping: stable}
  slack: {webhook: "https://hooks.slack.com/file", on: always}
watch: {container: shop}
"""
ENVIRON = {
    "PROMETHEUS_PUSHGATEWAY_URL": "http://environ:9091",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.com/environ",
}


def found(
    text: str = "", environ: Mapping[str, str] | None = None, **values: str
) -> tuple[Outlets, list[str]]:
    config = parse_config(text, "loadgen.yml", lambda _: b"").config if text else None
    return find_outlets(LoadTest.model_validate(values), config, environ or {})


def test_nothing_goes_out_unasked() -> None:
    assert found() == (Outlets(), [])
    assert found(environ={"SLACK_WEBHOOK_URL": " "}) == (Outlets(), [])


def test_the_file_alone() -> None:
    outlets, problems = found(FILE)
    assert problems == []
    assert outlets == Outlets(
        push=PushOptions(url="http://file:9091", grouping=Grouping.STABLE),
        slack=SlackOptions(webhook=Secret("https://hooks.slack.com/file"), when=SlackWhen.ALWAYS),
        watch=WatchOptions(container="shop"),
    )


def test_the_environment_alone_is_enough() -> None:
    outlets, _ = found(environ=ENVIRON)
    assert outlets == Outlets(
        push=PushOptions(url="http://environ:9091"),
        slack=SlackOptions(webhook=Secret("https://hooks.slack.com/environ")),
    )


def test_the_environment_wins_over_the_file_s_url_and_leaves_the_rest() -> None:
    outlets, _ = found(FILE, ENVIRON)
    assert outlets.push == PushOptions(url="http://environ:9091", grouping=Grouping.STABLE)
    assert outlets.slack is not None
    assert outlets.slack.webhook.reveal() == "https://hooks.slack.com/environ"


def test_an_option_wins_over_both() -> None:
    outlets, _ = found(FILE, ENVIRON, push="http://option:9091", watch_pid="7")
    assert outlets.push is not None
    assert outlets.push.url == "http://option:9091"
    assert outlets.watch == WatchOptions(pid=7)


def test_what_is_no_url_is_named_and_not_quoted() -> None:
    _, problems = found(environ=dict.fromkeys(ENVIRON, "hidden-word"))
    assert problems == [
        f"${variable}: found no URL in it, expected http://... or https://..."
        for variable in ENVIRON
    ]


@pytest.mark.parametrize(
    ("text", "missing", "expected"),
    [
        ("", "", "https://github.example.com/shop/web/actions/runs/42"),
        ("", "GITHUB_RUN_ID", ""),
        ("publish: {link: 'https://ci/1'}", "", "https://ci/1"),
    ],
)
def test_the_run_s_own_page(text: str, missing: str, expected: str) -> None:
    environ = {
        "GITHUB_SERVER_URL": "https://github.example.com",
        "GITHUB_REPOSITORY": "shop/web",
        "GITHUB_RUN_ID": "42",
    }
    environ.pop(missing, None)
    outlets, _ = found(text, environ)
    assert outlets.link == expected


@pytest.mark.parametrize(
    ("environ", "with_outputs", "expected"),
    [
        ({}, False, GithubOptions()),
        ({"GITHUB_ACTIONS": "false"}, False, GithubOptions()),
        ({"GITHUB_ACTIONS": "true"}, False, GithubOptions(annotate=True)),
        ({"GITHUB_STEP_SUMMARY": "/s"}, False, GithubOptions(summary_file="/s")),
        ({"GITHUB_OUTPUT": "/o"}, False, GithubOptions()),
        ({"GITHUB_OUTPUT": "/o"}, True, GithubOptions(output_file="/o")),
    ],
)
def test_github_is_told_what_its_environment_asks_for(
    environ: dict[str, str], with_outputs: bool, expected: GithubOptions
) -> None:
    values = {"github_output": "yes"} if with_outputs else {}
    assert found(environ=environ, **values) == (Outlets(github=expected), [])


@pytest.mark.parametrize("environ", [{}, {"GITHUB_OUTPUT": ""}])
def test_outputs_that_nobody_reads_are_a_mistake(environ: dict[str, str]) -> None:
    outlets, [problem] = found(environ=environ, github_output="yes")
    assert outlets == Outlets()
    assert problem.startswith("--github-output: found no $GITHUB_OUTPUT, expected")
