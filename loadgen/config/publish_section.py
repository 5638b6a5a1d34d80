"""`publish:` of loadgen.yml: where a run is told of. Pure."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from loadgen.config import fields as field
from loadgen.config.section import Section
from loadgen.publish.options import Grouping, PushOptions, SlackOptions, SlackWhen
from loadgen.secret import Secret

__all__ = ["PublishSection", "PushgatewaySection", "SlackSection"]


class PushgatewaySection(Section):
    """A Prometheus Pushgateway."""

    url: Annotated[str | None, field.web_url()] = Field(
        default=None,
        description="Its base; --push and $PROMETHEUS_PUSHGATEWAY_URL win.",
        repr=False,
    )
    grouping: Annotated[Grouping, field.choice(Grouping)] = Field(
        default=Grouping.RUN,
        description="run: a group per run, kept until it is deleted. stable: one per target and "
        "environment, replaced by the next run.",
    )
    job: Annotated[str, field.text("a name")] = Field(
        default="loadtest", description="The label job.", min_length=1
    )
    delete_on_exit: Annotated[bool, field.switch()] = Field(
        default=False, description="Delete the group when the run is over."
    )
    username: Annotated[str | None, field.text("a name")] = Field(
        default=None, description="User of basic authentication."
    )
    password: Annotated[str | None, field.text("${NAME}")] = Field(
        default=None, description="Its password, best as ${NAME} of the environment.", repr=False
    )
    ca_file: Annotated[str | None, field.text("the name of a file")] = Field(
        default=None, description="Authorities to trust for https (PEM) instead of the system's."
    )

    def options(self, url: str) -> PushOptions:
        """The gateway at a URL."""
        password = Secret(self.password or "")
        return PushOptions(
            url=url,
            grouping=self.grouping,
            job=self.job,
            delete_on_exit=self.delete_on_exit,
            login=(self.username, password) if self.username else None,
            ca_file=self.ca_file,
        )


class SlackSection(Section):
    """An incoming webhook of Slack."""

    webhook: Annotated[str | None, field.web_url(secret=True)] = Field(
        default=None,
        description="Its URL, best as ${NAME} of the environment; $SLACK_WEBHOOK_URL wins.",
        repr=False,
    )
    on: Annotated[SlackWhen, field.choice(SlackWhen)] = Field(
        default=SlackWhen.FAILURE,
        description="failure: tell of runs that did not pass. always: of every run.",
    )

    def options(self, webhook: str) -> SlackOptions:
        """The webhook at a URL."""
        return SlackOptions(webhook=Secret(webhook), when=self.on)


class PublishSection(Section):
    """Where a run is told of."""

    pushgateway: Annotated[
        PushgatewaySection | None, field.given("keys such as url", PushgatewaySection)
    ] = Field(default=None, description="Metrics to a Prometheus Pushgateway.")
    slack: Annotated[SlackSection | None, field.given("keys such as webhook", SlackSection)] = (
        Field(default=None, description="A message to Slack at the end.")
    )
    link: Annotated[str | None, field.web_url()] = Field(
        default=None,
        description="The run's own page, for messages; in GitHub Actions that of the workflow run.",
    )
