"""${NAME} and ${NAME:-default} in the strings of a config: replaced by the environment's. Pure.

As in a shell: the default stands when the variable is not set or empty; $$ is a single $.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from loadgen.config.yaml_marks import KEY, Document, Plain, Step, Tree
from loadgen.errors import ConfigError

__all__ = ["VariableError", "expand", "expand_document", "has_variable"]

_ONE = "${NAME} or ${NAME:-default}"
_DOLLAR = re.compile(r"\$(?:\$|\{(?P<inside>[^}]*)(?P<end>\}?))")
_INSIDE = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-.*)?", re.DOTALL)


class VariableError(ValueError):
    """A text whose variables cannot be replaced: the end of an error line."""


def has_variable(text: str) -> bool:
    """True when something in the text would be replaced by the environment's."""
    return any(match["inside"] is not None for match in _DOLLAR.finditer(text))


def expand(text: str, environ: Mapping[str, str]) -> str:
    """The text with its variables replaced.

    Args:
        text: as it was written.
        environ: of the process.

    Raises:
        VariableError: names the variable that is not set and has no default.
    """

    def value(match: re.Match[str]) -> str:
        if match["inside"] is None:
            return "$"
        inside = _INSIDE.fullmatch(match["inside"])
        if not (inside and match["end"]):
            raise VariableError(
                f"found {match[0]!r}, expected {_ONE}; write $$ where a single $ is meant"
            )
        name, default = inside["name"], inside["default"]
        if default is not None:
            return environ.get(name) or default.removeprefix(":-")
        if name not in environ:
            raise VariableError(
                f"found ${{{name}}}, but the variable {name} is not set; "
                f"expected it in the environment (export {name}=...), or ${{{name}:-default}}"
            )
        return environ[name]

    return _DOLLAR.sub(value, text)


def expand_document(
    document: Document, environ: Mapping[str, str], *, unused: frozenset[str] = frozenset()
) -> Document:
    """A document with the variables of all its values replaced.

    Args:
        document: as it was read.
        environ: of the process.
        unused: names of `environments` whose variables need not be set, since another one
            holds; one with a variable that is not set is taken for empty.

    Raises:
        ConfigError: every variable that cannot be replaced, with its place.
    """
    walk = _Walk(document, environ, unused)
    value = walk.read(document.value, ())
    if walk.problems:
        raise ConfigError(*walk.problems)
    return replace(document, value=value, written=walk.written)


@dataclass(slots=True)
class _Walk:
    """One walk over the values of a document."""

    document: Document
    environ: Mapping[str, str]
    unused: frozenset[str]
    problems: list[str] = field(default_factory=list, init=False)
    written: dict[tuple[Step, ...], str] = field(default_factory=dict, init=False)

    def read(self, tree: Tree, path: tuple[Step, ...]) -> Tree:
        match tree:
            case dict():
                return self._mapping(tree, path)
            case list():
                return [self.read(item, (*path, index)) for index, item in enumerate(tree)]
            case str() if "$" in tree:
                return self._text(tree, path)
            case _:
                return tree

    def _mapping(self, tree: dict[str, Tree], path: tuple[Step, ...]) -> Tree:
        before = len(self.problems)
        for key in tree:
            if has_variable(key):
                self._problem(
                    (*path, key, KEY), "found a variable in a key, expected it in a value"
                )
        values = {key: self.read(item, (*path, key)) for key, item in tree.items()}
        if len(self.problems) > before and self._is_unused(path):
            del self.problems[before:]
            return {}
        return values

    def _text(self, text: str, path: tuple[Step, ...]) -> str:
        try:
            value = expand(text, self.environ)
        except VariableError as error:
            self._problem(path, str(error))
            return text
        if has_variable(text):
            self.written[path] = text
        return Plain(value) if isinstance(text, Plain) else value

    def _is_unused(self, path: tuple[Step, ...]) -> bool:
        match path:
            case ("environments", str(name)):
                return name in self.unused
            case _:
                return False

    def _problem(self, path: tuple[Step, ...], text: str) -> None:
        steps = ".".join(str(step) for step in path if step != KEY)
        self.problems.append(f"{self.document.place(path)} {steps}: {text}")
