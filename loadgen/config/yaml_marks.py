"""YAML text in, plain values out, with the line and column of every one. Pure.

Every scalar stays the text that was written, None when nothing was: the models give it its
type. So `1.10` stays a version, `on` a header's value and `0:100` a stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import yaml

from loadgen.errors import ConfigError

__all__ = ["Document", "Plain", "Step", "Tree", "read_yaml"]

Step = int | str
"""A key of a mapping or an index of a list, as pydantic names them in `loc`."""
Tree = str | None | list["Tree"] | dict[str, "Tree"]
"""What a document holds."""

KEY = "[key]"
"""pydantic's last step when the key itself is wrong, not its value."""
MAX_NODES = 100_000
"""Far above any real file; a few lines of nested aliases can stand for billions of values."""
_STANDARD = "tag:yaml.org,2002:"
_SCALARS = frozenset(f"{_STANDARD}{kind}" for kind in ("str", "int", "float", "bool", "timestamp"))
_NULL = f"{_STANDARD}null"
_MERGE = f"{_STANDARD}merge"
_PLAIN_TAGS = _SCALARS | {_NULL, _MERGE, f"{_STANDARD}map", f"{_STANDARD}seq", f"{_STANDARD}value"}


class Plain(str):
    """Text that was written without quotes: in JSON it may stand for a number, true or false."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A document and the places of what stands in it.

    Attributes:
        name: of the file, as messages show it.
        value: mappings, lists and text.
        marks: "line:column" of each value and, with KEY as the last step, of each key.
        written: of each value with variables in it, how it was written.
    """

    name: str
    value: Tree
    marks: dict[tuple[Step, ...], str]
    written: Mapping[tuple[Step, ...], str] = field(default_factory=dict)

    def find(self, path: Sequence[Step]) -> tuple[Step, ...]:
        """The longest part of a path that stands in the document.

        Steps that the document does not know (a union's tag, a missing key) are left out.
        """
        found: tuple[Step, ...] = ()
        for step in path:
            if (*found, step) in self.marks:
                found = (*found, step)
        return found

    def place(self, path: Sequence[Step]) -> str:
        """Where a value stands, "file:line:column", or what is nearest above it."""
        return f"{self.name}:{self.marks[self.find(path)]}"

    def at(self, path: Sequence[Step]) -> Tree:
        """The value at a path, or the nearest above it."""
        value = self.value
        for step in self.find(path):
            match value, step:
                case dict(), str() if step in value:
                    value = value[step]
                case list(), int():
                    value = value[step]
        return value


def read_yaml(text: str, name: str) -> Document:
    """Reads one YAML document.

    Args:
        text: the document.
        name: of the file, for messages.

    Raises:
        ConfigError: not YAML, more than one document, or (all at once) duplicate keys, tags
            and keys that are no text.
    """
    walk = _Walk(name)
    try:
        root = yaml.compose(text, yaml.SafeLoader)
        value = None if root is None else walk.read(root, ())
    except yaml.YAMLError as error:
        raise ConfigError(_not_yaml(error, text, name)) from None
    except RecursionError:
        raise ConfigError(f"{name}: not read: it is nested too deeply") from None
    if root is None:
        raise ConfigError(f"{name}: the file is empty, expected for example a load_test: section")
    if walk.problems:
        raise ConfigError(*walk.problems)
    return Document(name=name, value=value, marks=walk.marks)


def _not_yaml(error: yaml.YAMLError, text: str, name: str) -> str:
    match error:
        case yaml.MarkedYAMLError(problem=str(problem), problem_mark=yaml.Mark() as mark):
            context = f"{error.context}, " if error.context else ""
            return f"{name}:{_at(mark)} not YAML: {context}{problem}"
        case yaml.reader.ReaderError():
            before = text[: error.position].splitlines() or [""]
            code = f"#x{ord(text[error.position]):04x}"
            place = f"{name}:{len(before)}:{len(before[-1]) + 1}"
            return f"{place} not YAML: found character {code}, expected printable text"
        case _:
            return f"{name}: not YAML: {' '.join(str(error).split())}"


def _scalar(node: yaml.Node) -> str:
    quoted = isinstance(node, yaml.ScalarNode) and node.style is not None
    return str(node.value) if quoted else Plain(node.value)


def _at(mark: yaml.Mark) -> str:
    return f"{mark.line + 1}:{mark.column + 1}"


class _Walk:
    """One walk over the nodes: builds the values, remembers places, collects mistakes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.marks: dict[tuple[Step, ...], str] = {}
        self.problems: list[str] = []
        self._open: set[int] = set()
        self._nodes = 0

    def read(self, node: yaml.Node, path: tuple[Step, ...]) -> Tree:
        """The value of a node that stands at a path."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise ConfigError(f"{self.name}: not read: its aliases stand for too many values")
        if id(node) in self._open:
            self._problem(node, "found an alias to what it stands in, expected a value")
            return None
        self.marks.setdefault(path, _at(node.start_mark))
        if node.tag not in _PLAIN_TAGS:
            tag = node.tag.replace(_STANDARD, "!!")
            self._problem(node, f"found the tag {tag}, expected a plain value")
        self._open.add(id(node))
        try:
            return self._read(node, path)
        finally:
            self._open.remove(id(node))

    def _read(self, node: yaml.Node, path: tuple[Step, ...]) -> Tree:
        match node:
            case yaml.MappingNode():
                return self._mapping(node, path)
            case yaml.SequenceNode():
                return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
            case _:
                return None if node.tag == _NULL else _scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: tuple[Step, ...]) -> dict[str, Tree]:
        """Own keys first, so that they win over merged ones (YAML 1.1 merge key, `<<`)."""
        mapping: dict[str, Tree] = {}
        merged: list[yaml.Node] = []
        for key, item in node.value:
            if key.tag == _MERGE:
                merged.extend(item.value if isinstance(item, yaml.SequenceNode) else [item])
            elif not isinstance(key, yaml.ScalarNode) or key.tag == _NULL:
                self._problem(key, "found a key that is no text, expected a name")
            elif key.value in mapping:
                first = self.marks[(*path, key.value, KEY)]
                self._problem(key, f"found {key.value} again, expected it once; it is at {first}")
            else:
                self.marks.setdefault((*path, key.value, KEY), _at(key.start_mark))
                mapping[key.value] = self.read(item, (*path, key.value))
        for item in merged:
            inherited = self.read(item, path)
            if not isinstance(inherited, dict):
                self._problem(item, "found no mapping after <<, expected an alias to one")
                continue
            mapping = {**inherited, **mapping}
        return mapping

    def _problem(self, node: yaml.Node, text: str) -> None:
        self.problems.append(f"{self.name}:{_at(node.start_mark)} {text}")
