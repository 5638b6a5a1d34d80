"""The rules of Slack's Block Kit that a message of ours has to obey, written from its reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["problems"]

MAX_BLOCKS = 50
PLAIN, EITHER = {"plain_text"}, {"plain_text", "mrkdwn"}
KNOWN = {
    "header": {"type", "text"},
    "section": {"type", "text", "fields"},
    "actions": {"type", "elements"},
    "context": {"type", "elements"},
    "divider": {"type"},
}


def problems(message: Mapping[str, Any]) -> list[str]:
    """What Slack would refuse."""
    found = [] if message.keys() <= {"text", "blocks"} else [f"unknown keys in {sorted(message)}"]
    blocks = message["blocks"]
    if not 1 <= len(blocks) <= MAX_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    if not message.get("text"):
        found.append("no text for notifications")
    for block in blocks:
        found += [f"{block['type']}: {problem}" for problem in _block(block)]
    return found


def _block(block: Mapping[str, Any]) -> list[str]:
    kind = block["type"]
    if kind not in KNOWN:
        return ["unknown type"]
    found = [f"unknown key {key}" for key in block.keys() - KNOWN[kind]]
    match kind:
        case "header":
            found += _text(block["text"], PLAIN, 150)
        case "section":
            if not block.keys() & {"text", "fields"}:
                found.append("neither text nor fields")
            if "text" in block:
                found += _text(block["text"], EITHER, 3000)
            if "fields" in block:
                found += _list(block["fields"], EITHER, 2000)
        case "context":
            found += _list(block["elements"], EITHER, 3000)
        case "actions":
            found += _list([button["text"] for button in block["elements"]], PLAIN, 75)
            found += [
                f"no button with a fitting URL: {element}"
                for element in block["elements"]
                if element["type"] != "button" or not 1 <= len(element["url"]) <= 3000
            ]
    return found


def _list(texts: Sequence[Mapping[str, Any]], kinds: set[str], most: int) -> list[str]:
    found = [] if 1 <= len(texts) <= 10 else [f"{len(texts)} of them"]
    return [*found, *(problem for text in texts for problem in _text(text, kinds, most))]


def _text(text: Mapping[str, Any], kinds: set[str], most: int) -> list[str]:
    found = []
    if text["type"] not in kinds:
        found.append(f"text of type {text['type']}")
    if not 1 <= len(text["text"]) <= most:
        found.append(f"text of {len(text['text'])} characters")
    allowed = {"plain_text": {"type", "text", "emoji"}, "mrkdwn": {"type", "text", "verbatim"}}
    if not text.keys() <= allowed[text["type"]]:
        found.append(f"unknown keys in {sorted(text)}")
    return found
