"""Everything that decides a rollout: `rollout:` of loadgen.yml, the options laid over it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from loadgen.config.problems import sentence
from loadgen.config.rollout_section import HookSection, RolloutSection, StageSection
from loadgen.config.yaml_marks import read_yaml
from loadgen.errors import ConfigError
from rollout.mark import Mark
from rollout.progressive.crew import RolloutPlan
from rollout.progressive.database import journal_path
from rollout.progressive.policy import RolloutPolicy
from rollout.progressive.rehearse import DRILL_STAGES
from rollout.progressive.stage import DEFAULT_STAGES, Hook, Stage, stage_problems
from rollout.proof import LIMIT_S, ProofOptions
from slo.policy import OnFailure

if TYPE_CHECKING:
    from loadgen.config.file import ConfigFile

__all__ = [
    "DRILL",
    "LOAD_CONCURRENCY",
    "RolloutSettings",
    "lay_over",
    "rollout_settings",
    "typed_options",
]

LOAD_CONCURRENCY = 20
PROBE_RATE_RPS = 100.0
DRILL = "drill"
"""Stands beside the keys of `rollout:` when the rollout is a drill."""
STRUCTURED = frozenset({"stages", "router", "mark", "prometheus", "before", "after"})
"""Keys whose value is more than a text: an option gives JSON (or YAML), or @FILE with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSettings:
    """A rollout as it was asked for.

    Attributes:
        section: found right.
        deployment, namespace: what is rolled out; a namespace may be "".
        plan: stages and policies.
        proof: how splits are measured.
        journal: its file.
        load_concurrency: virtual users of each stage's load test; 0 for no load test.
        on_loadfail: what a load test that fails leads to.
        probe_rate_rps: to each side; 0 for no probe.
        drill: it only moves 1 % and takes it back.
    """

    section: RolloutSection
    deployment: str
    namespace: str
    plan: RolloutPlan
    proof: ProofOptions
    journal: Path
    load_concurrency: int
    on_loadfail: OnFailure
    probe_rate_rps: float
    drill: bool = False


def typed_options(
    options: Mapping[str, object],
    read_file: Callable[[str], str] = lambda name: Path(name).read_text("utf-8"),
) -> Mapping[str, object]:
    """What was typed, with the JSON that it is or names, found right each by itself.

    Args:
        options: what was typed, by the keys of `rollout:`.
        read_file: reads a file that an option names.

    Raises:
        ConfigError: an option is no JSON, its file cannot be read, or its value is wrong.
    """
    typed = {
        key: _structure(key, str(value), read_file) if key in STRUCTURED else value
        for key, value in options.items()
    }
    _checked(typed)
    return typed


def lay_over(file: ConfigFile | None, options: Mapping[str, object]) -> Mapping[str, object]:
    """What was written, options over file, not yet found right.

    Args:
        file: the config file, when there is one.
        options: from `typed_options`.
    """
    tree = file.document.value if file else {}
    below = tree.get("rollout") if isinstance(tree, dict) else None
    return {**(below if isinstance(below, dict) else {}), **options}


def rollout_settings(written: Mapping[str, object], *, attended: bool) -> RolloutSettings:
    """Makes the settings.

    Args:
        written: from `lay_over`.
        attended: a person can give orders in this terminal.

    Raises:
        ConfigError: every mistake at once.
    """
    drill = bool(written.get(DRILL))
    section = _checked({key: value for key, value in written.items() if key != DRILL})
    stages = DRILL_STAGES if drill else _stages(section)
    problems = [f"--stages: {problem}" for problem in stage_problems(stages)]
    problems += _missing(section)
    if problems:
        raise ConfigError(*problems)
    deployment = section.deployment or ""
    mark = section.mark
    return RolloutSettings(
        section=section,
        deployment=deployment,
        namespace=section.namespace or "",
        plan=RolloutPlan(stages=stages, policy=_policy(section), attended=attended),
        proof=ProofOptions(
            url=section.url or "",
            mark=Mark(header=mark.header, canary=mark.canary, stable=mark.stable) if mark else None,
            limit_s=section.prove_within or LIMIT_S,
        ),
        journal=Path(section.journal) if section.journal else journal_path(deployment),
        load_concurrency=(section.load_concurrency or LOAD_CONCURRENCY) if section.load_test else 0,
        on_loadfail=OnFailure.ROLLBACK if section.auto_rollback_on_loadfail else OnFailure.PAUSE,
        probe_rate_rps=(section.probe_rate or PROBE_RATE_RPS) if section.probe else 0.0,
        drill=drill,
    )


_INLINE = ("[", "-", "{", '"')
"""What no name of a file begins with: such a text is the value itself, right or wrong."""


def _structure(key: str, text: str, read_file: Callable[[str], str]) -> object:
    """JSON of an option, or of the file that it names; read as YAML, of which JSON is a part."""
    name = f"--{key}"
    if text.startswith("@") or (key == "stages" and not text.lstrip().startswith(_INLINE)):
        name = text.removeprefix("@")
        try:
            text = read_file(name)
        except OSError as error:
            raise ConfigError(
                f"--{key}: found {name!r}, which cannot be read ({error.strerror}); expected JSON, "
                "or @FILE with it"
            ) from None
    return read_yaml(text, name).value


def _checked(written: Mapping[str, object]) -> RolloutSection:
    try:
        return RolloutSection.model_validate(dict(written))
    except ValidationError as error:
        raise ConfigError(
            *(
                f"{_place(details['loc'])}: {sentence(_within(details), found=details['input'])}"
                for details in error.errors()
            )
        ) from None


def _place(path: Sequence[int | str]) -> str:
    """The option, and where in its value: "--stages 2.percentage"; entries count from 1."""
    option = f"--{str(path[0]).replace('_', '-')}" if path else "rollout"
    inner = ".".join(str(step + 1 if isinstance(step, int) else step) for step in path[1:])
    return f"{option} {inner}" if inner else option


def _within(details: Any) -> Any:  # noqa: ANN401 - pydantic's TypedDict, changed in one key
    """The details as they would be in a file, where everything stands below `rollout`."""
    return {**details, "loc": ("rollout", *details["loc"])}


def _stages(section: RolloutSection) -> tuple[Stage, ...]:
    before, after = _hooks(section.before), _hooks(section.after)
    if section.stages is None:
        given = [
            StageSection.model_construct(
                name=stage.name, percentage=stage.percentage, duration=stage.duration_s
            )
            for stage in DEFAULT_STAGES
        ]
    else:
        given = section.stages
    return tuple(
        Stage(
            name=each.name or f"{each.percentage:g}% Traffic",
            percentage=each.percentage,
            duration_s=each.duration,
            gate=each.gate,
            before=(*before, *_hooks(each.before)),
            after=(*_hooks(each.after), *after),
        )
        for each in given
    )


def _hooks(sections: Sequence[HookSection] | None) -> tuple[Hook, ...]:
    return tuple(
        Hook(url=each.url, timeout_s=each.timeout, retries=each.retries) for each in sections or ()
    )


def _policy(section: RolloutSection) -> RolloutPolicy:
    given = {
        "on_failure": section.on_failure,
        "on_inconclusive": section.on_inconclusive,
        "on_lost": section.on_lost,
        "on_signal": section.on_signal,
        "most_extensions": section.most_extensions,
    }
    chosen: Any = {name: value for name, value in given.items() if value is not None}
    return RolloutPolicy(**chosen)


def _missing(section: RolloutSection) -> list[str]:
    """What is needed and was not given, one line each."""
    problems = []
    if section.deployment is None:
        problems.append("--deployment: found nothing, expected the name of what is rolled out")
    if section.router is None:
        problems.append(
            "--router: found nothing, expected what moves traffic, such as "
            "'{kind: haproxy, socket: /run/haproxy/admin.sock, backend: app}', here or as "
            "rollout.router in loadgen.yml"
        )
    if section.load_test and section.canary_url is None:
        problems.append("--load-test: found without --canary-url, expected where it sends to")
    if section.probe and (section.canary_url is None or section.stable_url is None):
        problems.append("--probe: found without --canary-url and --stable-url, expected both")
    return problems
