"""A section knows its keys, and cannot be changed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from loadgen.config.section import Section


class _Shop(Section):
    name: str = "shop"


def test_an_unknown_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="extra_forbidden"):
        _Shop.model_validate({"nme": "x"})


def test_a_section_stays_as_it_was_read() -> None:
    shop = _Shop()
    with pytest.raises(ValidationError, match="frozen"):
        shop.name = "other"
