"""Text as paragraphs that a terminal of any width can wrap. Pure."""

from __future__ import annotations

import inspect

__all__ = ["flowing"]


def flowing(text: str | None) -> str:
    """Joins the lines of each paragraph; typer would keep the source's line ends.

    Args:
        text: a docstring or an epilog, paragraphs apart by empty lines.
    """
    paragraphs = inspect.cleandoc(text or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
