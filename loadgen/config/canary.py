"""What a canary verification is made of: `canary:` of loadgen.yml under its options. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import ValidationError

from loadgen.config.canary_section import CanarySection
from loadgen.config.problems import sentence
from loadgen.errors import ConfigError
from slo.compare import Margin
from slo.policy import OnInconclusive, Policy

if TYPE_CHECKING:
    from loadgen.config.file import ConfigFile

__all__ = ["CanarySettings", "canary_settings"]

RATE_RPS = 100.0
DURATION_S = 300.0
EXTENSION = 3.0
"""An extended comparison takes so many times its duration, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CanarySettings:
    """Everything that decides a verification beside the load test.

    Attributes:
        canary_url: always there.
        production_url, baseline_url: "" for none; at least one where a comparison is asked for.
        rate_rps: to each side of the comparison.
        duration_s: of the comparison, calibration included; None: as long as the load test.
        max_duration_s: of an extended comparison; None: EXTENSION times its duration.
        on_inconclusive: what follows when nothing is proven.
        policy: what is to be found.
    """

    canary_url: str
    production_url: str = ""
    baseline_url: str = ""
    rate_rps: float = RATE_RPS
    duration_s: float | None = None
    max_duration_s: float | None = None
    on_inconclusive: OnInconclusive = OnInconclusive.PAUSE
    policy: Policy = field(default_factory=Policy)

    @property
    def compared_url(self) -> str:
        """The side that the canary is held against: the baseline, else production."""
        return self.baseline_url or self.production_url


def canary_settings(
    file: ConfigFile | None, options: Mapping[str, str], *, compares: bool = True
) -> CanarySettings:
    """Lays the options over the file.

    Args:
        file: the config file, when there is one.
        options: what was typed, by the keys of `canary:`.
        compares: a side to compare with is needed.

    Raises:
        ConfigError: every mistake at once.
    """
    typed, problems = _typed(options)
    written = (file.config.canary if file else None) or CanarySection()
    given = {
        key: value
        for section in (written, typed)
        for key in CanarySection.model_fields
        if (value := getattr(section, key)) is not None
    }
    if problems:
        raise ConfigError(*problems)
    if "canary_url" not in given:
        problems.append("--canary-url: found nothing, expected the URL of the canary")
    if compares and not given.keys() & {"production_url", "baseline_url"}:
        problems.append(
            "--production-url: found neither it nor --baseline-url, expected the URL of what the "
            "canary is compared with (or --skip comparison)"
        )
    if given.get("max_duration") and given.get("on_inconclusive") is not OnInconclusive.EXTEND:
        problems.append(
            "--max-duration: found without --on-inconclusive extend, expected both or neither"
        )
    if problems:
        raise ConfigError(*problems)
    return CanarySettings(
        canary_url=given["canary_url"],
        production_url=given.get("production_url", ""),
        baseline_url=given.get("baseline_url", ""),
        rate_rps=given.get("compare_rate", RATE_RPS),
        duration_s=given.get("compare_duration"),
        max_duration_s=given.get("max_duration"),
        on_inconclusive=given.get("on_inconclusive", OnInconclusive.PAUSE),
        policy=_policy(given),
    )


def _typed(options: Mapping[str, str]) -> tuple[CanarySection, list[str]]:
    try:
        return CanarySection.model_validate(dict(options)), []
    except ValidationError as error:
        return CanarySection(), [
            f"--{str(details['loc'][0]).replace('_', '-')}: "
            f"{sentence(details, found=details['input'])}"
            for details in error.errors()
        ]


def _policy(given: Mapping[str, float]) -> Policy:
    usual = Policy()
    margin = Margin(ratio=given["margin"] / 100) if "margin" in given else usual.margin
    alpha = given["alpha"] / 100 if "alpha" in given else usual.alpha
    if alpha >= 1:
        raise ConfigError(f"--alpha: found {100 * alpha:g}%, expected less than 100%, such as 1%")
    matters = given.get("matters", usual.ratio)
    if matters <= 1 + margin.ratio:
        raise ConfigError(
            f"--matters: found {matters:g} beside --margin {100 * margin.ratio:g}%, expected more "
            f"than {1 + margin.ratio:g}: what is within the margin never fails"
        )
    return Policy(
        alpha=alpha,
        margin=margin,
        ratio=matters,
        error_points=given.get("matters_points", usual.error_points),
    )
