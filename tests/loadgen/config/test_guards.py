"""targets: and limits: of a config."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from loadgen.allowlist import AllowRule
from loadgen.config.guards import LimitOptions, TargetOptions
from loadgen.limits import Limits


def test_the_list_has_its_rules_and_its_name() -> None:
    allow = TargetOptions.model_validate({"allow": ["localhost", "10.0.0.0/8"]}).allow_list("x")
    assert allow is not None
    assert allow.rules == (AllowRule.parse("localhost"), AllowRule.parse("10.0.0.0/8"))
    assert allow.name == "x"
    assert TargetOptions().allow_list("x") is None


def test_the_limits_are_the_plan_s() -> None:
    options = LimitOptions.model_validate({"max_rps": "1k", "max_connections": "50"})
    assert options.limits() == Limits(max_rps=1000, max_connections=50)
    assert LimitOptions().limits() == Limits()


@pytest.mark.parametrize(
    ("section", "values", "said"),
    [
        (TargetOptions, {"allow": []}, "found no rule, expected at least one"),
        (TargetOptions, {"allow": None}, "found nothing, expected hosts and networks"),
        (TargetOptions, {"allow": [["a"]]}, "found a list, expected a host or a network"),
        (TargetOptions, {"allow": ["http://h"]}, "found 'http://h', expected a host such as"),
        (LimitOptions, {"max_rps": "0"}, "expected a whole number from 1 to 10000000"),
        (LimitOptions, {"max_rps": "0.5"}, "found '0.5', expected a whole number"),
        (LimitOptions, {"max_connections": "none"}, "expected a whole number from 1 to 1000000"),
    ],
)
def test_what_is_no_guard(
    section: type[TargetOptions | LimitOptions], values: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        section.model_validate(values)
    assert said in str(caught.value)
