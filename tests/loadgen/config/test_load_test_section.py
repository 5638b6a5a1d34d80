"""The section load_test of loadgen.yml."""

from __future__ import annotations

from loadgen.config.load_test_section import LoadTest
from loadgen.config.model import keys_of
from loadgen.plan import Plan


def test_every_number_of_a_plan_may_stand_in_the_file() -> None:
    """A field that the plan grows needs a key, or its reason here."""
    api_only = {"further_targets", "paired", "allow", "limits", "content_type"}
    told_otherwise = {
        "stage_unit": "stages_of",
        "environment": "",
        "tls": "tls_min",
        "local_addresses": "local_address",
        "checks": "expect_status",
    }
    fields = {name.removesuffix("_s").removesuffix("_rps") for name in Plan.__dataclass_fields__}
    expected = {told_otherwise.get(name, name) for name in fields - api_only} - {""}
    assert expected <= set(keys_of(LoadTest))
