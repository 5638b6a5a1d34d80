"""`publish:` as it is written, refused and handed on."""

from __future__ import annotations

import pytest

from loadgen.config.file import ConfigFile, parse_config
from loadgen.config.publish_section import PublishSection
from loadgen.errors import ConfigError
from loadgen.publish.options import Grouping, PushOptions, SlackOptions, SlackWhen
from loadgen.secret import Secret


def read(text: str) -> ConfigFile:
    return parse_config(text, "loadgen.yml", lambda _: b"")


def published(text: str) -> PublishSection:
    found = read(text).config.publish
    assert found is not None
    return found


def test_everything_that_can_be_said() -> None:
    section = published("""
publish:
  link: https://ci.example.com/run/1
  pushgateway:
    url: https://push.example.com
    grouping: stable
    job: nightly
    delete_on_exit: yes
    username: pusher
    password: word
    ca_file: ca.pem
  slack: {webhook: "https://hooks.slack.com/services/x", on: always}
""")
    assert section.pushgateway is not None
    assert section.slack is not None
    assert section.pushgateway.options("https://push.example.com") == PushOptions(
        url="https://push.example.com",
        grouping=Grouping.STABLE,
        job="nightly",
        delete_on_exit=True,
        login=("pusher", Secret("word")),
        ca_file="ca.pem",
    )
    assert section.slack.options("https://hooks.slack.com/services/x") == SlackOptions(
        webhook=Secret("https://hooks.slack.com/services/x"), when=SlackWhen.ALWAYS
    )
    assert section.link == "https://ci.example.com/run/1"
    assert "word" not in repr(section)
    assert "services" not in repr(section)


def test_the_guide_s_grouping_is_the_default() -> None:
    section = published("publish: {pushgateway: {url: 'http://localhost:9091'}}")
    assert section.pushgateway is not None
    options = section.pushgateway.options("http://localhost:9091")
    assert options == PushOptions(url="http://localhost:9091")
    assert (options.grouping, options.job, options.login) == (Grouping.RUN, "loadtest", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "publish: {pushgateway: {url: localhost}}",
            "publish.pushgateway.url: found 'localhost', expected http://... or https://...",
        ),
        (
            "publish: {slack: {webhook: hidden-word}}",
            "publish.slack.webhook: found no URL, expected http://... or https://...",
        ),
        (
            "publish: {pushgateway: {grouping: stabl}}",
            "publish.pushgateway.grouping: found 'stabl', expected run or stable; "
            "did you mean stable?",
        ),
        (
            "publish: {slack: {on: failures}}",
            "publish.slack.on: found 'failures', expected failure or always; did you mean failure?",
        ),
        (
            "publish: {slck: {}}",
            "publish.slck: found an unknown key, expected a key of publish; did you mean slack?",
        ),
        (
            "publish: {pushgateway: {usrname: x}}",
            "publish.pushgateway.usrname: found an unknown key, expected a key of pushgateway; "
            "did you mean username?",
        ),
    ],
)
def test_mistakes(text: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    [problem] = caught.value.problems
    assert problem.split(" ", 1)[1] == expected
