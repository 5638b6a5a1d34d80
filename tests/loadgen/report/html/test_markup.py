"""HTML as a value: nothing that is text can become markup."""

from __future__ import annotations

import pytest

from loadgen.report.html.markup import Html, drawn, element, join
from loadgen.report.tables import Table, Verbatim


def test_text_is_escaped_and_markup_is_not() -> None:
    assert element("p", "a < b & c > d") == "<p>a &lt; b &amp; c &gt; d</p>"
    assert element("p", element("b", "<i>")) == "<p><b>&lt;i&gt;</b></p>"
    assert join([Html("<br>"), "<br>"]) == "<br>\n&lt;br&gt;"


@pytest.mark.parametrize(
    ("attributes", "written"),
    [
        ({"class_": "x"}, ' class="x"'),
        ({"aria_label": 'say "<hi>"'}, ' aria-label="say &quot;&lt;hi&gt;&quot;"'),
        ({"tabindex": 0}, ' tabindex="0"'),
        ({"hidden": True}, " hidden"),
        ({"hidden": False, "class_": None}, ""),
    ],
)
def test_attributes(attributes: dict[str, str | int | bool | None], written: str) -> None:
    assert element("p", **attributes) == f"<p{written}></p>"


def test_elements_without_content_have_no_end() -> None:
    assert element("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_a_table_has_heads_for_its_columns_and_rows() -> None:
    table = Table(head=("Endpoint", "P50"), rows=((Verbatim("/<a>"), "3 ms"),), numbers_from=1)
    assert drawn(table, "Times", quiet=True) == (
        '<div class="scroll" tabindex="0" role="region" aria-label="Times"><table>'
        '<caption class="unseen">Times</caption>'
        '<thead><tr><th scope="col">Endpoint</th><th scope="col" class="number">P50</th></tr>'
        '</thead><tbody><tr><th scope="row"><code>/&lt;a&gt;</code></th>'
        '<td class="number">3 ms</td></tr></tbody></table></div>'
    )


def test_a_corner_without_title_is_no_heading() -> None:
    text = drawn(Table(head=("", "A"), rows=(("x", "1"),)), "Corner")
    assert "<thead><tr><td></td><th" in text
    assert "<caption>Corner</caption>" in text
