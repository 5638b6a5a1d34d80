"""The digest of values: by what two plans are known to be the same. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

__all__ = ["digest"]


def digest(parts: Mapping[str, object]) -> str:
    """SHA-256 (hex) of values, the same in every process and for every way to write them.

    Args:
        parts: values by name, in any order: numbers (10 and 10.0 are the same), texts, bytes,
            None, and mappings and sequences of such.
    """
    text = json.dumps(_canonical(dict(parts)), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: object) -> object:
    """A value in the one form that JSON writes it in: 10.0 is 10, bytes are hex."""
    match value:
        case dict():
            return {key: _canonical(part) for key, part in value.items()}
        case list() | tuple():
            return [_canonical(part) for part in value]
        case bytes():
            return value.hex()
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
