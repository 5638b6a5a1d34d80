"""Command-line options that mean what a section of loadgen.yml says: one maker for each section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import typer
from pydantic import BaseModel

__all__ = ["SectionOption"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionOption:
    """Makes options whose help is the description of a key of the section.

    Attributes:
        section: the model that has the keys.
        defaults: what holds when nobody says otherwise, in words, by key.
        fields: the model's names of keys that have another one on the command line.
    """

    section: type[BaseModel]
    defaults: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, key: str, metavar: str, panel: str, *names: str, text: str = "") -> Any:  # noqa: ANN401 - typer's own type is private
        """One option.

        Args:
            key: of the section, or any other when `text` is given.
            metavar: what stands for its value; "" for a switch.
            panel: under which heading it is shown.
            names: how it is typed; the key with two dashes when not given.
            text: the help, instead of the key's description.
        """
        known = self.section.model_fields.get(self.fields.get(key, key))
        meaning = text or (known.description if known else "") or ""
        default = self.defaults.get(key)
        return typer.Option(
            *(names or (f"--{key.replace('_', '-')}",)),
            metavar=metavar,
            help=f"{meaning} [dim]\\[default: {default}][/dim]" if default else meaning,
            rich_help_panel=panel,
            show_default=False,
        )
