"""Addresses as values of a config."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from loadgen.address import StaticName
from loadgen.config.network import LocalAddresses, StaticNames

NAMES: TypeAdapter[list[StaticName] | None] = TypeAdapter(StaticNames)
ADDRESSES: TypeAdapter[list[str] | None] = TypeAdapter(LocalAddresses)


def test_one_value_may_stand_without_its_list() -> None:
    name = StaticName(host="a", port=80, addresses=("127.0.0.1",))
    assert NAMES.validate_python("a:80:127.0.0.1") == [name]
    assert NAMES.validate_python(["a:80:127.0.0.1", "a:80:127.0.0.1"]) == [name, name]
    assert ADDRESSES.validate_python("[::1]") == ["::1"]
    assert ADDRESSES.validate_python(["127.0.0.1", "::1"]) == ["127.0.0.1", "::1"]


@pytest.mark.parametrize(
    ("adapter", "written", "said"),
    [
        (NAMES, {}, "found a mapping, expected HOST:PORT:ADDRESS"),
        (NAMES, ["a:80"], "found 'a:80', expected HOST:PORT:ADDRESS[,ADDRESS]"),
        (NAMES, [["a"]], "found a list, expected HOST:PORT:ADDRESS"),
        (ADDRESSES, None, "found nothing, expected IP addresses"),
        (ADDRESSES, "eth0", "found 'eth0', expected an IP address"),
    ],
)
def test_what_is_none(adapter: TypeAdapter[object], written: object, said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(written)
    assert said in str(caught.value)
