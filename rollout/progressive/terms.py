"""The terms on which a rollout was begun: config file and options, as they stand in its journal.

Whoever goes on with a rollout does so on its terms, whatever loadgen.yml says by then. Variables
stay ${NAME}: their values, which may be secrets, are asked of each process anew.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from loadgen.config.file import ConfigFile, parse_config
from loadgen.config.yaml_marks import read_yaml
from loadgen.errors import ConfigError

__all__ = ["KeptFile", "Terms", "kept_file", "terms_of"]

TO_TAKE_BACK = ("rollout", "rollback")
"""Sections of the config file that say how traffic is taken back."""
JUDGES = ("load_test", "probe", "prometheus")
"""Keys of `rollout:` that are about judges only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A config file as it was.

    Attributes:
        name: as it was read by.
        text: YAML, its variables not replaced.
        bodies: the files that it names, by the names that it gives them.
    """

    name: str
    text: str
    bodies: Mapping[str, bytes] = field(default_factory=dict)

    def is_other_at(self, path: Path) -> bool:
        """True when something else stands at a path by now; a missing file says nothing."""
        try:
            return path.read_text("utf-8-sig") != self.text
        except (OSError, UnicodeDecodeError):
            return path.exists()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Everything that decides a rollout.

    Attributes:
        options: what was typed of it, by the keys of `rollout:`.
        load: what was typed of its load tests and of all else, by the fields of the run's options.
        file: the config file; None without one.
        environment: which of the file's holds; "" is its own choice.
    """

    options: Mapping[str, object]
    load: Mapping[str, object] = field(default_factory=dict)
    file: KeptFile | None = None
    environment: str = ""

    def plain(self) -> dict[str, object]:
        """The same as JSON has it, for the journal."""
        kept = self.file
        return {
            "options": dict(self.options),
            "load": dict(self.load),
            "environment": self.environment,
            "file": kept
            and {
                "name": kept.name,
                "text": kept.text,
                "bodies": {
                    name: base64.b64encode(body).decode() for name, body in kept.bodies.items()
                },
            },
        }

    def config(self, environ: Mapping[str, str]) -> ConfigFile | None:
        """The config file as it was, with the variables of this process.

        Args:
            environ: of this process.

        Raises:
            ConfigError: a variable is not set here.
        """
        if self.file is None:
            return None
        kept = self.file
        return parse_config(
            kept.text,
            kept.name,
            lambda name: kept.bodies[name],
            environ,
            environment=self.environment,
        )

    def to_take_back(self) -> Terms:
        """What is left of them when nothing more is judged: router and rollback command.

        A way back must not end at a variable that only a load test needs.
        """
        options = {key: value for key, value in self.options.items() if key not in JUDGES}
        kept = self.file
        if kept is None:
            return replace(self, options=options)
        tree = cast("dict[str, Any]", read_yaml(kept.text, kept.name).value)
        left = {key: tree[key] for key in TO_TAKE_BACK if tree.get(key)}
        if isinstance(left.get("rollout"), dict):
            section = left["rollout"]
            left["rollout"] = {key: section[key] for key in section if key not in JUDGES}
        # JSON is YAML, too.
        file = replace(kept, text=json.dumps(left))
        return replace(self, options=options, file=file, environment="")


def kept_file(file: ConfigFile | None) -> KeptFile | None:
    """What is to be kept of a config file."""
    if file is None:
        return None
    return KeptFile(name=file.name, text=file.text, bodies=file.bodies)


def terms_of(settings: Mapping[str, object]) -> Terms:
    """The terms that stand in a journal.

    Args:
        settings: of the rollout.

    Raises:
        ConfigError: these are no terms: an older loadgen has begun it.
    """
    try:
        plain: Any = settings
        kept = plain["file"]
        return Terms(
            options=dict(plain["options"]),
            load=dict(plain["load"]),
            environment=str(plain["environment"]),
            file=kept
            and KeptFile(
                name=kept["name"],
                text=kept["text"],
                bodies={name: base64.b64decode(body) for name, body in kept["bodies"].items()},
            ),
        )
    except (KeyError, TypeError, AttributeError, ValueError):
        raise ConfigError(
            "--journal: found a rollout without the terms on which it was begun, expected one "
            "that this version of loadgen has begun; end it with the version that began it"
        ) from None
