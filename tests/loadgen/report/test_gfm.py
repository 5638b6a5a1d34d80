"""GitHub's Markdown: what others wrote stays text, in cells, in lines and in fences."""

from __future__ import annotations

import pytest

from loadgen.report.gfm import drawn, escape, fenced
from loadgen.report.tables import Table, Verbatim


def test_a_table_with_its_numbers_to_the_right() -> None:
    table = Table(
        head=("Endpoint", "Requests"),
        rows=((Verbatim("/a|b"), "1,000"), ("<all>", "1,000")),
        numbers_from=1,
    )
    assert drawn(table) == [
        "| Endpoint | Requests |",
        "|----------|---------:|",
        r"| `/a\|b` | 1,000 |",
        r"| \<all\> | 1,000 |",
    ]


def test_a_table_without_numbers_or_rows() -> None:
    assert drawn(Table(head=("A",), rows=(("b",),)))[1] == "|---|"
    assert drawn(Table(head=("A",), rows=())) == ["None."]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("*a* _b_ `c` ~d~", r"\*a\* \_b\_ \`c\` \~d\~"),
        ("[x](y) <b> | # \\", r"\[x\](y) \<b\> \| \# \\"),
        ("two\n\n# lines", r"two \# lines"),
    ],
)
def test_text_is_one_line_and_no_markup(text: str, shown: str) -> None:
    assert escape(text) == shown


def test_code_with_ticks_in_it() -> None:
    table = Table(head=("A",), rows=((Verbatim("a `b` ``c``"),),))
    assert drawn(table)[2] == "| ``` a `b` ``c`` ``` |"


@pytest.mark.parametrize(
    ("lines", "fence"), [([], "```"), (["a `b`"], "```"), (["````", "x"], "`````")]
)
def test_no_line_ends_its_fence(lines: list[str], fence: str) -> None:
    assert fenced(lines) == [f"{fence}text", *lines, fence]
