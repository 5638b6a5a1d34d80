"""The files that stand inside every page: our style and script, and the chart library's."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files

__all__ = ["UPLOT", "asset", "source_hash"]

UPLOT = "uplot-1.6.32"
"""The chart library, as its authors publish it; its licence stands beside it."""


@cache
def asset(name: str) -> str:
    """The text of a file in loadgen/data.

    Raises:
        FileNotFoundError: the installation lacks it.
    """
    return files("loadgen").joinpath("data", name).read_text(encoding="utf-8")


def source_hash(text: str) -> str:
    """What a Content-Security-Policy calls an inline script or style of this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
