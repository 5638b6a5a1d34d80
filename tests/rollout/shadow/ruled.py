"""Rules from the text of a `shadow:` section, for tests."""

from __future__ import annotations

from loadgen.config.file import parse_config
from rollout.shadow.rules import Rules

__all__ = ["rules"]


def rules(section: str = "") -> Rules:
    """The rules of `shadow: {section}`; without one, those that always hold."""
    text = f"shadow: {{{section}}}" if section else "limits: {max_rps: 1}"
    return Rules.from_section(parse_config(text, "loadgen.yml", lambda _: b"").config.shadow)
