"""`shadow:` as it is written and refused: every mistake with its line and column."""

from __future__ import annotations

import pytest

from loadgen.config.file import parse_config
from loadgen.config.shadow_section import ShadowSection, Tolerance
from loadgen.errors import ConfigError

WHOLE = """\
shadow:
  ignore:
    headers: [date, X-Request-Id]
    json: [$.ts, $..id]
    regex: ['\\d{4}-\\d\\d-\\d\\d']
  unordered: $.tags
  tolerance: {$.price: 0.01, "$..score": 1%}
  scrub:
    headers: [X-Customer]
    json: $..iban
    regex: ['KD-\\d+']
  max_mismatch: 0.5%
"""


def read(text: str) -> ShadowSection:
    section = parse_config(text, "loadgen.yml", lambda _: b"").config.shadow
    assert section is not None
    return section


def test_the_whole_section() -> None:
    section = read(WHOLE)
    assert section.ignore is not None
    assert section.ignore.headers == ["date", "X-Request-Id"]
    assert [path.text for path in section.ignore.json_paths or ()] == ["$.ts", "$..id"]
    assert [each.pattern for each in section.ignore.regex or ()] == [r"\d{4}-\d\d-\d\d"]
    assert [path.text for path in section.unordered or ()] == ["$.tags"]
    assert section.tolerance == {
        "$.price": Tolerance(absolute=0.01),
        "$..score": Tolerance(ratio=0.01),
    }
    assert section.scrub is not None
    assert [path.text for path in section.scrub.json_paths or ()] == ["$..iban"]
    assert section.max_mismatch == pytest.approx(0.005)


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        (
            "shadow:\n  ignore:\n    json: [$.ts, ts]",
            "loadgen.yml:3:18",
            "found 'ts', expected a path such as $.items[*].price or $..id; it begins with $",
        ),
        (
            "shadow:\n  ignore:\n    regex: ['(abc']",
            "loadgen.yml:3:13",
            "found '(abc', expected a regular expression (missing ), unterminated subpattern "
            "at character 1)",
        ),
        (
            "shadow: {ignore: {regex: 'a*'}}",
            "loadgen.yml:1:26",
            "found 'a*', which matches an empty text, expected one that does not",
        ),
        ("shadow: {ignore: {headers: ['a b']}}", "loadgen.yml:1:29", "is not a header name"),
        ("shadow: {ignore: {header: [date]}}", "loadgen.yml:1:19", "did you mean headers?"),
        ("shadow: {unordered: '$.a['}", "loadgen.yml:1:21", "cannot be read from character 4"),
        ("shadow: {tolerance: {$.a: 1 %%}}", "loadgen.yml:1:27", "expected a number"),
        ("shadow: {tolerance: {a: 1}}", "loadgen.yml:1:22", "it begins with $"),
        ("shadow: {max_mismatch: 0}", "loadgen.yml:1:24", "expected a number from"),
        ("shadow: {scrub: }", "loadgen.yml:1:16", "found nothing, expected headers, json or regex"),
        ("shadow: {ignore: {json: {a: b}}}", "loadgen.yml:1:25", "found a mapping, expected"),
    ],
)
def test_mistakes(text: str, place: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    [problem] = caught.value.problems
    assert problem.startswith(place), problem
    assert said in problem
