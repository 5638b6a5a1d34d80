"""What is written down of what was seen: no secret of any kind, and still enough to read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loadgen.config.file import parse_config
from loadgen.json_text import Json
from rollout.shadow.difference import Difference, Kind, Steps
from rollout.shadow.result import Part
from rollout.shadow.scrub import MOST_READ, MOST_SHOWN, Scrubber

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


def scrubber(section: str = "") -> Scrubber:
    text = f"shadow: {{scrub: {{{section}}}}}" if section else "limits: {max_rps: 1}"
    return Scrubber.from_section(parse_config(text, "loadgen.yml", lambda _: b"").config.shadow)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nothing secret, 17 times", "nothing secret, 17 times"),
        ("Authorization: Bearer abc.def", "Authorization: ***"),
        ("sent Bearer abc.def, twice", "sent Bearer ***, twice"),
        ("basic dXNlcjpwYXNz", "basic ***"),
        (f"it was {JWT}!", "it was ***!"),
        ("GET /a?token=abc&page=2", "GET /a?token=***&page=2"),
        ("GET /a?access_token=abc&page=2", "GET /a?access_token=***&page=2"),
        ('{"password": "a b\\" c", "x": 1}', '{"password": ***, "x": 1}'),
        ("session_id=17; Path=/", "session_id=***; Path=/"),
        ("the session is over", "the session is over"),
        (" session_id=17; Path=/", " session_id=***; Path=/"),
        ("write to ada.lovelace+x@example.co.uk today", "write to *** today"),
        ("/a?mail=ada%40example.com", "/a?mail=***"),
        ("paid with 4111 1111 1111 1111 today", "paid with *** today"),
        ("paid with 4111-1111-1111-1111", "paid with ***"),
        ("card 378282246310005", "card ***"),
        ("order 4111111111111112", "order 4111111111111112"),
        ("at 1732500000000 ms", "at 1732500000000 ms"),
        ("key sk_live_abc123", "key ***"),
        ("ghp_abcdef", "***"),
        ("id 9b2d7c3e-1f4a-4c55-8f0e-1234567890ab", "id ***"),
        ("0123456789abcdef0123", "***"),
        ("internationalisation_of_everything_here", "internationalisation_of_everything_here"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- x", "*** x"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE", "***"),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert scrubber().text(text) == expected


def test_rules_of_the_config() -> None:
    own = scrubber("headers: X-Customer, json: [$..iban, $.a.b], regex: 'KD-\\d+'")
    assert own.text("customer KD-17") == "customer ***"
    assert own.sides(header("x-customer", "Ada", "Eve")) == ("***", "***")
    assert own.sides(value(("iban",), "DE1", "DE2")) == ("***", "***")
    assert own.sides(value(("a",), {"b": 1, "c": 2}, None)) == ('{"b": "***", "c": 2}', "null")
    assert own.sides(value(("a", "b", "c"), 1, 2)) == ("***", "***")


def header(name: str, production: str | None, canary: str | None) -> Difference:
    return Difference(
        part=Part.HEADER, kind=Kind.VALUE, name=name, production=production, canary=canary
    )


def value(steps: Steps, production: Json, canary: Json) -> Difference:
    return Difference(
        part=Part.JSON, kind=Kind.VALUE, steps=steps, production=production, canary=canary
    )


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (header("x-a", "1", None), ("1", "")),
        (header("x-auth-token", "1", None), ("***", "")),
        (header("set-cookie", "a", "b"), ("***", "***")),
        (value(("name",), "Ada", "Eve"), ('"Ada"', '"Eve"')),
        (value(("user", "password"), "a", "b"), ("***", "***")),
        (value(("tokens", 0), 1, 2), ("***", "***")),
        (value((), {"a": [{"apiKey": "x"}]}, 1), ('{"a": [{"apiKey": ***}]}', "1")),
        (value(("card",), 4111111111111111, 1), ("***", "1")),
        (value(("mail",), "ada@example.com", "ü"), ('"***"', '"ü"')),
    ],
)
def test_sides(difference: Difference, expected: tuple[str, str]) -> None:
    assert scrubber().sides(difference) == expected


def test_long_sides_begin_shortly_before_they_differ() -> None:
    common = "so far so good, " * 100
    before, after = scrubber().sides(value((), f"{common}A{common}", f"{common}B{common}"))
    assert before.startswith("…")
    assert before.index("A") == after.index("B") == 41
    assert len(before) == MOST_SHOWN + 2


def test_a_difference_late_in_a_long_text_is_shown() -> None:
    common = "so far so good, " * 10_000 + "token=abcdef, "
    before, after = scrubber().sides(value((), f"{common}A", f"{common}B"))
    assert before.endswith('token=***, A"')
    assert after.endswith('token=***, B"')


def test_control_characters_are_shown_not_obeyed() -> None:
    assert scrubber().line("a\x1b[2Jb\nc") == "a\\x1b[2Jb\\nc"


def test_a_secret_at_the_end_of_what_is_read_is_not_halved() -> None:
    text = "x " * ((MOST_READ - 8) // 2) + "ada.lovelace@example.com"
    assert "ada" not in scrubber().text(text)


@settings(deadline=None)
@given(st.integers(min_value=0, max_value=10**15 - 1))
def test_every_card_number_is_known(start: int) -> None:
    """The check digit is made here by the book: double every second, add the digits up."""
    digits = f"{start:015}"
    total = 0
    for index, digit in enumerate(digits):
        doubled = int(digit) * (2 if index % 2 == 0 else 1)
        total += sum(map(int, str(doubled)))
    card = f"{digits}{-total % 10}"
    wrong = f"{digits}{(-total + 1) % 10}"
    assert scrubber().text(card) == "***"
    assert scrubber().text(wrong) == wrong


@pytest.mark.parametrize("char", ["a", "1", "a1", "-", ".", " 1", "eyJ", "token", '"', "token=\\"])
def test_no_text_takes_long(char: str) -> None:
    """A rule that goes back and forth would take minutes; the timeout would tell."""
    scrubber().text(char * (MOST_READ // len(char)))
