"""Headers and bodies in loadgen.yml."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from loadgen.config.load_test_section import LoadTest
from loadgen.config.request_section import header_pairs


def test_headers_in_either_form() -> None:
    mapping = LoadTest.model_validate({"headers": {"A": "1", "B": "2"}})
    lines = LoadTest.model_validate({"headers": ["A: 1", "B: 2"]})
    assert header_pairs(mapping.headers) == header_pairs(lines.headers) == (("A", "1"), ("B", "2"))
    assert header_pairs(LoadTest().headers) == ()


def test_a_body_comes_from_one_place() -> None:
    values = {"body": "x", "body_file": "y"}
    with pytest.raises(ValidationError, match="found body and body_file, expected one of them"):
        LoadTest.model_validate(values, context={"read_body": lambda _: b""})
