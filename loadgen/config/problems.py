"""pydantic's errors as sentences: "place key: found X, expected Y; did you mean Z?". Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from loadgen.config.fields import describe
from loadgen.config.load_test_section import LoadTest
from loadgen.config.model import Config, Environment, keys_of, section_at
from loadgen.config.suggestion import did_you_mean, one_of
from loadgen.config.threshold_section import Thresholds
from loadgen.config.yaml_marks import KEY, Document, Step

__all__ = ["document_problems", "sentence"]


def document_problems(error: ValidationError, document: Document) -> list[str]:
    """One line per mistake in a file, in the order of its lines.

    Args:
        error: from validating the document's value as a Config.
        document: says where everything stands.
    """
    found = []
    for details in error.errors():
        path = details["loc"]
        if details["type"] == "extra_forbidden":
            path = (*path, KEY)
        line, column = (int(part) for part in document.marks[document.find(path)].split(":"))
        key = _dotted(document, details["loc"])
        text = _as_written(sentence(details, found=document.at(details["loc"])), document, path)
        found.append((line, column, f"{document.place(path)} {key}{text}"))
    return [text for _, _, text in sorted(found)]


def _as_written(text: str, document: Document, path: Sequence[Step]) -> str:
    """A variable's value is not quoted: it may be a secret in the wrong place."""
    at = document.find(path)
    written = document.written.get(at)
    return text if written is None else text.replace(repr(document.at(at)), repr(written))


def sentence(details: ErrorDetails, *, found: object) -> str:
    """What was found and what was expected, without the place.

    Args:
        details: one of a ValidationError's errors.
        found: the value as it was written.
    """
    path = details["loc"]
    match details["type"]:
        case "value_error":
            return str(details["ctx"]["error"])
        case "extra_forbidden":
            return f"found an unknown key, expected {_known(path, found)}"
        case "missing":
            return f"found no {path[-1]}, expected it here"
        case kind:
            return f"found {describe(found)}, expected {_expected(kind, details)}"


def _expected(kind: str, details: ErrorDetails) -> str:
    match kind:
        case "dict_type" | "model_type":
            return "a mapping"
        case "union_tag_invalid":
            tags = details["ctx"]["expected_tags"].split("'")[1::2]
            return f"one with type: {one_of(tag for tag in tags if tag != 'text')}"
        case _:
            return f"otherwise: {details['msg']}"


def _known(path: Sequence[Step], found: object) -> str:
    """The keys that may stand where an unknown one does, the one that was meant if possible."""
    known = keys_of(section_at(path[:-1]))
    unknown = str(path[-1])
    meant = _elsewhere(path, found) or did_you_mean(unknown, known)
    names = [step for step in path[:-1] if isinstance(step, str)]  # an index is no name
    return f"a key of {names[-1] if names else 'the file'}{meant}" if meant else one_of(known)


def _elsewhere(path: Sequence[Step], found: object) -> str:
    """A key that exists, but in another section."""
    unknown = str(path[-1])
    homes: dict[str, Callable[[], bool]] = {
        f"load_test.{unknown}": lambda: unknown in keys_of(LoadTest),
        f"thresholds.{unknown}": lambda: unknown in keys_of(Thresholds),
        f"{unknown}, at the top of the file": lambda: unknown in keys_of(Config),
        f"environments.{unknown}": lambda: (
            len(path) == 1 and isinstance(found, dict) and set(found) <= set(keys_of(Environment))
        ),
    }
    home = next((home for home, is_home in homes.items() if is_home()), None)
    return f"; did you mean {home}?" if home else ""


def _dotted(document: Document, path: Sequence[Step]) -> str:
    """A place as keys, without what only pydantic knows; "" for the whole file."""
    steps = [str(step) for step in document.find(path) if step != KEY]
    return f"{'.'.join(steps)}: " if steps else ""
