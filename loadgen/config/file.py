"""loadgen.yml, and the guide's performance_config.yml as it is: from a file to checked values.

Every mistake is reported at once, each with file:line:column, what was found and expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from loadgen.config.fields import ReadBody
from loadgen.config.model import Config
from loadgen.config.problems import document_problems
from loadgen.config.variables import VariableError, expand, expand_document
from loadgen.config.yaml_marks import Document, Step, Tree, read_yaml
from loadgen.errors import ConfigError

__all__ = [
    "DEFAULT_ENVIRONMENT",
    "DEFAULT_NAME",
    "NO_VARIABLES",
    "ConfigFile",
    "find_config",
    "parse_config",
    "read_config",
]

DEFAULT_NAME = "loadgen.yml"
"""Read by itself when it lies in the current folder."""
DEFAULT_ENVIRONMENT = "staging"
"""Holds when nobody names another one."""
NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
MAX_BYTES = 10_000_000
"""Far above any config; /dev/zero must not fill the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFile:
    """A config file that was read and found right.

    Attributes:
        config: what it says.
        document: where it says so.
        text: as it was written, variables and all.
        bodies: the files that it names, by the names that it gives them.
    """

    config: Config
    document: Document
    text: str
    bodies: Mapping[str, bytes]

    @property
    def name(self) -> str:
        """The file, as messages show it."""
        return self.document.name

    def place(self, *path: Step) -> str:
        """Where a value stands and what it is called: "file:line:column a.b.c"."""
        return f"{self.document.place(path)} {'.'.join(str(step) for step in path)}"


def find_config(folder: Path) -> Path | None:
    """The config file that is read without being named, when there is one."""
    path = folder / DEFAULT_NAME
    return path if path.exists() else None


def read_config(
    path: Path, environ: Mapping[str, str] = NO_VARIABLES, *, environment: str | None = None
) -> ConfigFile:
    """Reads a config file, and the files that it names, relative to itself.

    Args:
        path: of the file.
        environ: of the process, for ${NAME} in the file.
        environment: see `parse_config`.

    Raises:
        ConfigError: the file cannot be read, or has mistakes: all of them, one line each.
    """
    name = str(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"{name}: cannot be read ({error.strerror}), expected a YAML file; see "
            "`loadgen config schema` for what may stand in it"
        ) from None
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{name}: found more than {MAX_BYTES} bytes, expected a config file")
    return parse_config(
        _decoded(content, name),
        name,
        lambda body: (path.parent / body).read_bytes(),
        environ,
        environment=environment,
    )


def parse_config(
    text: str,
    name: str,
    read_body: ReadBody,
    environ: Mapping[str, str] = NO_VARIABLES,
    *,
    environment: str | None = None,
) -> ConfigFile:
    """Reads the text of a config file. Pure but for `read_body`.

    Args:
        text: YAML.
        name: of the file, for messages.
        read_body: reads a file by the name that the config gives it.
        environ: of the process, for ${NAME} in the text.
        environment: the name of the one that holds, "" for the file's own choice: the others'
            variables need not be set. None: all are to be found right.

    Raises:
        ConfigError: all mistakes, one line each.
    """
    document = read_yaml(text, name)
    if not isinstance(document.value, dict):
        kind = "a list" if isinstance(document.value, list) else "a single value"
        raise ConfigError(
            f"{document.place(())} found {kind}, expected a mapping such as load_test: ..."
        )
    unused = frozenset() if environment is None else _others(document.value, environ, environment)
    document = expand_document(document, environ, unused=unused)
    bodies: dict[str, bytes] = {}

    def read(body: str) -> bytes:
        bodies[body] = read_body(body)
        return bodies[body]

    try:
        config = Config.model_validate(document.value, context={"read_body": read})
    except ValidationError as error:
        raise ConfigError(*document_problems(error, document)) from None
    return ConfigFile(config=config, document=document, text=text, bodies=bodies)


def _others(tree: dict[str, Tree], environ: Mapping[str, str], environment: str) -> frozenset[str]:
    """The names of the environments that do not hold."""
    known, own = tree.get("environments"), tree.get("environment")
    if not isinstance(known, dict):
        return frozenset()
    try:
        own = expand(own, environ) if isinstance(own, str) else ""
    except VariableError:
        own = ""  # reported with all the others
    return frozenset(known) - {environment or own or DEFAULT_ENVIRONMENT}


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig").split("\n")
        place = f"{name}:{len(before)}:{len(before[-1]) + 1}"
        raise ConfigError(
            f"{place} found the byte 0x{content[error.start]:02x}, expected UTF-8"
        ) from None
