"""The endpoints of loadgen.yml."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from loadgen.config.endpoint_section import endpoint_values
from loadgen.config.load_test_section import LoadTest
from loadgen.endpoint import Endpoint


def test_endpoints_by_path() -> None:
    options = {"weight": "2", "method": "POST", "body": "ä", "name": "n", "headers": {"A": "1"}}
    load_test = LoadTest.model_validate({"endpoints": {"/a": "0.25", "/b": options}})
    assert endpoint_values(load_test.endpoints) == (
        Endpoint(path="/a", weight=0.25),
        Endpoint(
            path="/b", weight=2.0, method="POST", body=b"\xc3\xa4", name="n", headers=(("A", "1"),)
        ),
    )


def test_endpoints_in_a_list_may_share_a_path() -> None:
    load_test = LoadTest.model_validate(
        {"endpoints": [{"path": "/a"}, {"path": "/a", "method": "DELETE"}]}
    )
    assert [each.label for each in endpoint_values(load_test.endpoints)] == ["/a", "DELETE /a"]


@pytest.mark.parametrize(
    ("endpoints", "message"),
    [
        (
            {"/a": "0", "/b": "0.0"},
            "found only weights of zero, expected one above 0: nothing would be sent",
        ),
        ({}, "found no endpoint, expected at least one path with its weight"),
        ([], "found no endpoint, expected at least one path with its weight"),
        (
            [{"path": "/a"}, {"path": "/a"}],
            "found '/a' twice, expected names that differ; give one a name of its own",
        ),
        ({"/a": None}, "found nothing, expected a weight or options such as method"),
        ({"/a": "-1"}, "found '-1', expected a number from 0 to 1000000000"),
    ],
)
def test_endpoints_that_cannot_be_sent(endpoints: object, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        LoadTest.model_validate({"endpoints": endpoints})
    assert [str(error["ctx"]["error"]) for error in caught.value.errors()] == [message]
