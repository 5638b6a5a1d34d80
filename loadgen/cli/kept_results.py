"""Results of verifications, shadow tests and rollouts, rendered again out of their files."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from loadgen.json_text import json_text
from rollout.canary import result as verification_result
from rollout.progressive import result as rollout_result
from rollout.report import (
    rollout_html,
    rollout_markdown,
    shadow_html,
    shadow_markdown,
    verification_html,
    verification_junit,
    verification_markdown,
)
from rollout.shadow import result_file as shadow_result
from rollout.shadow.result_file import from_dict

__all__ = ["MARKDOWN", "Renderers", "read_kept"]

MARKDOWN = "--markdown"
MOST_BYTES = 1 << 28
Renderers: TypeAlias = Mapping[str, Callable[[], str]]
"""What a result can be rendered as, by the options that ask for it."""
_Render: TypeAlias = Callable[[Mapping[str, Any]], str]

_RENDERERS: Mapping[str, Mapping[str, _Render]] = {
    verification_result.SCHEMA: {
        MARKDOWN: verification_markdown.render_result,
        "--html": verification_html.render_result,
        "--junit": verification_junit.render_result,
    },
    rollout_result.SCHEMA: {
        MARKDOWN: rollout_markdown.render_result,
        "--html": rollout_html.render_result,
    },
    shadow_result.SCHEMA: {
        MARKDOWN: lambda found: shadow_markdown.render(from_dict(found)),
        "--html": lambda found: shadow_html.render(from_dict(found)),
    },
}


def read_kept(path: Path) -> Renderers | None:
    """How a result file can be rendered.

    Args:
        path: of any file.

    Returns:
        None when it is no result of these kinds.
    """
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    renderers = _RENDERERS.get(str(found.get("schema"))) if isinstance(found, dict) else None
    if renderers is None:
        return None
    made = {option: partial(render, found) for option, render in renderers.items()}
    return {**made, "--json": partial(json_text, found)}
