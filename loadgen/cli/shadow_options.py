"""The options of `loadgen shadow`."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loadgen import units
from loadgen.config.canary_section import CanarySection
from loadgen.errors import ConfigError

if TYPE_CHECKING:
    from loadgen.config.model import Config
    from rollout.shadow.live.settings import LiveSettings

__all__ = ["ShadowOptions"]

SOURCE = "Where requests come from"
SIDES = "The sides"
CHOICE = "Which requests are mirrored"
LIMITS = "What the mirror may cost"
VERDICT = "The comparison"
OUTPUT = "What is told"
FULL_SPEED = "max"


def _option(metavar: str, panel: str, text: str, *names: str) -> Any:  # noqa: ANN401 - typer's own type is private
    shown = bool(metavar)  # a switch that is off needs no word of its own for that
    return typer.Option(
        *names, metavar=metavar, help=text, rich_help_panel=panel, show_default=shown
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowOptions:
    """What was typed; "" is nothing."""

    replay: Annotated[
        str,
        _option("FILE", SOURCE, "Replay an access log (nginx, Apache, JSON) or a HAR; .gz too."),
    ] = ""
    speed: Annotated[
        str,
        _option("FACTOR", SOURCE, "How fast a recording is replayed: 2 is twice as fast; or max."),
    ] = "1"
    listen: Annotated[
        str, _option("[HOST]:PORT", SOURCE, "Serve clients here, as a reverse proxy of production.")
    ] = ""
    processes: Annotated[str, _option("N", SOURCE, "Proxies that share the port.")] = "1"
    duration: Annotated[
        str, _option("TIME", SOURCE, "How long to serve; until a signal when not given.")
    ] = ""

    production_url: Annotated[str, _option("URL", SIDES, "Whose answers count.")] = ""
    canary_url: Annotated[str, _option("URL", SIDES, "Whose answers are compared.")] = ""
    baseline_url: Annotated[
        str, _option("URL", SIDES, "A second instance of production's version: tells noise.")
    ] = ""
    own_host: Annotated[
        bool,
        _option(
            "",
            SIDES,
            "Copies of live requests name canary and baseline as their host.",
            "--own-host",
        ),
    ] = False
    cacert: Annotated[str, _option("FILE", SIDES, "https: authorities to trust.")] = ""
    insecure: Annotated[
        bool, _option("", SIDES, "https: accept any certificate.", "--insecure", "-k")
    ] = False

    sample: Annotated[str, _option("PERCENT", CHOICE, "The part that is mirrored.")] = "100%"
    methods: Annotated[
        str, _option("LIST", CHOICE, "Besides GET, HEAD, OPTIONS: they are carried out twice!")
    ] = ""
    idempotency_header: Annotated[
        str, _option("NAME", CHOICE, "Which requests of --methods must have.")
    ] = ""

    rate_limit: Annotated[str, _option("N", LIMITS, "Requests per second to the canary.")] = "1000"
    concurrency_limit: Annotated[
        str, _option("N", LIMITS, "Requests that wait for its answer.")
    ] = "64"
    timeout: Annotated[str, _option("TIME", LIMITS, "Longest wait for an answer.")] = "10s"
    body_limit: Annotated[
        str, _option("BYTES", LIMITS, "What is larger is not mirrored, or cut.")
    ] = "256k"
    memory_limit: Annotated[str, _option("BYTES", LIMITS, "Held for the mirror.")] = "256M"

    config: Annotated[
        str, _option("FILE", VERDICT, "File with rules under shadow:.", "--config", "--rules")
    ] = ""
    no_config: Annotated[
        bool, _option("", VERDICT, "Do not read ./loadgen.yml.", "--no-config")
    ] = False
    max_mismatch: Annotated[
        str, _option("PERCENT", VERDICT, "The share of pairs that may differ; 1% when not said.")
    ] = ""

    output: Annotated[str, _option("FILE", OUTPUT, "Report (Markdown).", "--output", "-o")] = ""
    json: Annotated[str, _option("FILE", OUTPUT, "Result (JSON); - for stdout.")] = ""
    html: Annotated[str, _option("FILE", OUTPUT, "Report with charts (HTML).")] = ""
    github_output: Annotated[
        bool,
        _option(
            "", OUTPUT, "Write verdict and mismatch rate to $GITHUB_OUTPUT.", "--github-output"
        ),
    ] = False
    quiet: Annotated[bool, _option("", OUTPUT, "Show nothing.", "--quiet", "-q")] = False

    def over(self, config: Config | None) -> ShadowOptions:
        """The options; what they leave out is as `canary:` and `shadow:` of the file have it."""
        sides = (config.canary if config else None) or CanarySection()
        recording = config.shadow.replay if config and config.shadow and not self.listen else None
        return replace(
            self,
            replay=self.replay or recording or "",
            production_url=self.production_url or sides.production_url or "",
            canary_url=self.canary_url or sides.canary_url or "",
            baseline_url=self.baseline_url or sides.baseline_url or "",
        )

    def settings(self) -> LiveSettings:
        """The sides and all that bounds the mirror, wherever requests come from.

        Raises:
            ConfigError: every mistake at once.
        """
        from rollout.shadow.live.settings import LiveSettings  # noqa: PLC0415 - for a fast --help

        problems = [
            f"--{name}-url: found nothing, expected the URL of the {name} server, here or as "
            f"canary.{name}_url in loadgen.yml"
            for name in ("production", "canary")
            if not getattr(self, f"{name}_url")
        ]
        if bool(self.replay) == bool(self.listen):
            found = "both" if self.replay else "neither"
            problems.append(f"--replay, --listen: found {found}, expected one of them")
        if problems:
            raise ConfigError(*problems)
        return LiveSettings.parse(
            listen=self.listen or "127.0.0.1:0",
            production_url=self.production_url,
            canary_url=self.canary_url,
            baseline_url=self.baseline_url,
            sample=self.sample,
            methods=self.methods,
            idempotency_header=self.idempotency_header,
            processes=self.processes,
            rate_limit=self.rate_limit,
            concurrency_limit=self.concurrency_limit,
            timeout=self.timeout,
            body_limit=self.body_limit,
            memory_limit=self.memory_limit,
            duration=self.duration,
            own_host=self.own_host,
            cacert=self.cacert,
            insecure=self.insecure,
        )

    def speed_factor(self) -> float:
        """How many recorded seconds pass in one; infinite for max.

        Raises:
            ConfigError: it is no number.
        """
        if self.speed == FULL_SPEED:
            return math.inf
        try:
            return units.parse_number(self.speed.removesuffix("x"), low=0.001, high=10_000)
        except units.UnitError as error:
            raise ConfigError(f"--speed: {error}, or {FULL_SPEED}") from None
