"""${NAME} and ${NAME:-default} in a config."""

from __future__ import annotations

import pytest

from loadgen.config.variables import VariableError, expand, expand_document
from loadgen.config.yaml_marks import Plain, read_yaml
from loadgen.errors import ConfigError

ENVIRON = {"A": "one", "B_2": "two", "EMPTY": "", "DOLLAR": "${A}"}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", ""),
        ("a $ b $5 c$", "a $ b $5 c$"),
        ("${A}", "one"),
        ("<${A}-${B_2}>", "<one-two>"),
        ("${EMPTY}", ""),
        ("${EMPTY:-x}", "x"),
        ("${NONE:-x y}", "x y"),
        ("${NONE:-}", ""),
        ("${A:-x}", "one"),
        ("${NONE:-a:-b}", "a:-b"),
        ("$${A}", "${A}"),
        ("$$$${A}", "$${A}"),
        ("$$${A}", "$one"),
        ("${DOLLAR}", "${A}"),
    ],
)
def test_variables_are_replaced_as_a_shell_does(text: str, value: str) -> None:
    assert expand(text, ENVIRON) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${NONE}", "found ${NONE}, but the variable NONE is not set; expected it in the "),
        ("${}", "found '${}', expected ${NAME} or ${NAME:-default}; write $$ where"),
        ("${1A}", "found '${1A}', expected"),
        ("${A-x}", "found '${A-x}', expected"),
        ("${A", "found '${A', expected"),
    ],
)
def test_what_cannot_be_replaced(text: str, said: str) -> None:
    with pytest.raises(VariableError) as caught:
        expand(text, ENVIRON)
    assert str(caught.value).startswith(said)


def test_every_value_of_a_document_is_replaced_and_stays_quoted_or_plain() -> None:
    text = 'a: ${A}\nb: [x, {c: "${B_2}"}]\nd: plain\n'
    document = expand_document(read_yaml(text, "f.yml"), ENVIRON)
    assert document.value == {"a": "one", "b": ["x", {"c": "two"}], "d": "plain"}
    assert document.written == {("a",): "${A}", ("b", 1, "c"): "${B_2}"}
    plain, quoted = document.at(("a",)), document.at(("b", 1, "c"))
    assert (isinstance(plain, Plain), isinstance(quoted, Plain)) == (True, False)


def test_every_missing_variable_is_named_with_its_place() -> None:
    text = "load_test:\n  target: http://${NONE}\n  headers: [a, '${GONE}']\n"
    with pytest.raises(ConfigError) as caught:
        expand_document(read_yaml(text, "f.yml"), ENVIRON)
    assert [problem.partition(", but")[0] for problem in caught.value.problems] == [
        "f.yml:2:11 load_test.target: found ${NONE}",
        "f.yml:3:16 load_test.headers.1: found ${GONE}",
    ]


def test_a_variable_in_a_key_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        expand_document(read_yaml("a:\n  /x/${A}: 1\n", "f.yml"), ENVIRON)
    assert caught.value.problems == (
        "f.yml:2:3 a./x/${A}: found a variable in a key, expected it in a value",
    )


def test_environments_that_do_not_hold_need_no_variables() -> None:
    text = (
        "environments:\n  staging: {a: '${NONE}'}\n  other: {a: '${A}'}\n"
        "  production: {a: '${GONE}'}\n"
    )
    with pytest.raises(ConfigError, match="GONE"):
        expand_document(read_yaml(text, "f.yml"), ENVIRON, unused=frozenset({"staging", "other"}))
    document = expand_document(
        read_yaml(text, "f.yml"), ENVIRON, unused=frozenset({"staging", "other", "production"})
    )
    assert document.value == {
        "environments": {"staging": {}, "other": {"a": "one"}, "production": {}}
    }
