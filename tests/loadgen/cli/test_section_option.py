"""Options that are made of a section's keys."""

from __future__ import annotations

import pytest
from pydantic import Field

from loadgen.cli.section_option import SectionOption
from loadgen.config.section import Section


class _Shop(Section):
    open_at: str | None = Field(default=None, description="When it opens.")
    json_file: str | None = Field(default=None, alias="json", description="Its goods.")


OPTION = SectionOption(section=_Shop, defaults={"open_at": "9:00"}, fields={"json": "json_file"})


@pytest.mark.parametrize(
    ("key", "names", "text", "decls", "meaning"),
    [
        ("open_at", (), "", ("--open-at",), "When it opens. [dim]\\[default: 9:00][/dim]"),
        ("json", (), "", ("--json",), "Its goods."),
        ("json", ("--json", "-j"), "All of it.", ("--json", "-j"), "All of it."),
        ("no_shop", (), "Stay at home.", ("--no-shop",), "Stay at home."),
    ],
)
def test_the_help_is_the_keys_description(
    key: str, names: tuple[str, ...], text: str, decls: tuple[str, ...], meaning: str
) -> None:
    option = OPTION(key, "X", "Panel", *names, text=text)
    # typer takes the first name for a default until it meets the annotation.
    assert ((option.default, *option.param_decls), option.help) == (decls, meaning)
    assert (option.metavar, option.rich_help_panel, option.show_default) == ("X", "Panel", False)
