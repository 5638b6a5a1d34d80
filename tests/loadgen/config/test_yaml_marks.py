"""YAML with places: every scalar stays text, every mistake has its line and column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadgen.config.yaml_marks import KEY, Step, Tree, read_yaml
from loadgen.errors import ConfigError

DOCUMENT = """\
load_test:
  version: 1.10
  switch: on
  empty:
  stages: 10:30
  list: [a, {b: c}]
  "quoted key": 'it''s'
"""


def test_scalars_stay_the_text_that_was_written() -> None:
    assert read_yaml(DOCUMENT, "f.yml").value == {
        "load_test": {
            "version": "1.10",
            "switch": "on",
            "empty": None,
            "stages": "10:30",
            "list": ["a", {"b": "c"}],
            "quoted key": "it's",
        }
    }


@pytest.mark.parametrize(
    ("path", "place", "value"),
    [
        (("load_test", "version"), "f.yml:2:12", "1.10"),
        (("load_test", "version", KEY), "f.yml:2:3", "1.10"),
        (("load_test", "list", 1, "b"), "f.yml:6:17", "c"),
        (("load_test", "list", "tag of a union", 0), "f.yml:6:10", "a"),
        (("load_test", "missing"), "f.yml:2:3", None),
    ],
)
def test_places(path: tuple[Step, ...], place: str, value: Tree) -> None:
    document = read_yaml(DOCUMENT, "f.yml")
    assert document.place(path) == place
    if value is not None:
        assert document.at(path) == value


def test_a_merge_key_gives_what_is_not_said_otherwise() -> None:
    document = read_yaml("a: &a {x: 1, y: 2}\nb:\n  <<: *a\n  y: 3\n", "f.yml")
    assert document.value == {"a": {"x": "1", "y": "2"}, "b": {"y": "3", "x": "1"}}
    assert document.place(("b", "y", KEY)) == "f.yml:4:3"
    assert document.place(("b", "x")) == "f.yml:1:11"


def test_several_mappings_are_merged_the_first_wins() -> None:
    document = read_yaml("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b]}\n", "f.yml")
    assert isinstance(document.value, dict)
    assert document.value["c"] == {"x": "1", "y": "2"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f.yml: the file is empty, expected for example a load_test: section"),
        ("# nothing\n", "f.yml: the file is empty, expected for example a load_test: section"),
        ("a: 1\na: 2\n", "f.yml:2:1 found a again, expected it once; it is at 1:1"),
        (
            "\ta: 1",
            "f.yml:1:1 not YAML: while scanning for the next token, "
            "found character '\\t' that cannot start any token",
        ),
        ("a: b: c", "f.yml:1:5 not YAML: mapping values are not allowed here"),
        (
            "a: 1\n--- 2",
            "f.yml:2:1 not YAML: expected a single document in the stream, "
            "but found another document",
        ),
        ("a: *b", "f.yml:1:4 not YAML: found undefined alias 'b'"),
        ("a:\n  \x07", "f.yml:2:3 not YAML: found character #x0007, expected printable text"),
        ("a: !x 1", "f.yml:1:4 found the tag !x, expected a plain value"),
        ("a: !!binary 1", "f.yml:1:4 found the tag !!binary, expected a plain value"),
        ("[a]: 1", "f.yml:1:1 found a key that is no text, expected a name"),
        ("~: 1", "f.yml:1:1 found a key that is no text, expected a name"),
        ("a: {<<: 1}", "f.yml:1:9 found no mapping after <<, expected an alias to one"),
        ("a: &a [*a]", "f.yml:1:4 found an alias to what it stands in, expected a value"),
        ("[" * 5000, "f.yml: not read: it is nested too deeply"),
    ],
)
def test_what_is_no_document(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_yaml(text, "f.yml")
    assert caught.value.problems == (message,)


def test_all_duplicates_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        read_yaml("a: 1\nb: {c: 1, c: 2}\na: 2\n", "f.yml")
    assert [problem.split()[0] for problem in caught.value.problems] == ["f.yml:2:11", "f.yml:3:1"]


def test_aliases_cannot_stand_for_more_than_fits_into_memory() -> None:
    lines = ["a: &a [x,x,x,x,x,x,x,x,x,x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{','.join([f'*{before}'] * 10)}]")
    with pytest.raises(ConfigError, match="its aliases stand for too many values"):
        read_yaml("\n".join(lines), "f.yml")


def _problems(text: str) -> tuple[str, ...]:
    try:
        read_yaml(text, "f.yml")
    except ConfigError as error:
        return error.problems
    return ()


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_lines(text: str) -> None:
    assert all(len(problem.splitlines()) == 1 for problem in _problems(text))
