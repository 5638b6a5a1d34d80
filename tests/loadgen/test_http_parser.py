"""The C response parser against httptools (llhttp) and h11, on valid and on broken input.

What it does with single responses is told in tests/c/test_lg_http.c. Here hypothesis makes
up responses, breaks them, and holds our reading of them equal to that of the others. Where
we mean to differ from llhttp (see _ext/lg_http.c) a row of DIFFERENCES says when.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

import h11
import httptools
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loadgen._http import ResponseParser
from loadgen.errors import EngineError

QUICK = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])


class End(StrEnum):
    """How far a parser came."""

    DONE = "done"
    UNTIL_EOF = "done when the peer closes"
    PARTIAL = "partial"
    ERROR = "error"


class Reading(NamedTuple):
    """What a parser made of the bytes. After an error nothing but the error counts."""

    end: End
    status: int = 0
    body_bytes: int = 0
    keep_alive: bool = False


def read(raw: bytes, *, head: bool = False, cuts: tuple[int, ...] = ()) -> Reading:
    """Our own reading, the bytes being cut at the given places."""
    parser = ResponseParser(head=head)
    places = [0, *sorted(cut % (len(raw) + 1) for cut in cuts), len(raw)]
    try:
        for start, stop in pairwise(places):
            used = parser.feed(raw[start:stop])
            assert used == stop - start or parser.done
    except EngineError:
        return Reading(End.ERROR)
    if parser.done:
        return Reading(End.DONE, parser.status, parser.body_bytes, parser.keep_alive)
    end = End.UNTIL_EOF if parser.eof() else End.PARTIAL
    return Reading(end, parser.status if end is End.UNTIL_EOF else 0, parser.body_bytes)


@dataclass
class Message:
    """One message as llhttp's callbacks tell it."""

    status: int = 0
    version: str = ""
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    headers_done: bool = False
    chunks: int = 0
    body_bytes: int = 0
    done: bool = False
    keep_alive: bool = False

    def values(self, *names: bytes) -> list[bytes]:
        """The values of headers of these names."""
        return [value for name, value in self.headers if name.lower() in names]

    def elements(self, name: bytes) -> list[bytes]:
        """The elements of a list header, in lower case."""
        return [each.strip().lower() for value in self.values(name) for each in value.split(b",")]

    @property
    def final(self) -> bool:
        """Whether this is the answer, not a 1xx before it."""
        return self.done and (self.status >= 200 or self.status == 101)


class Llhttp:
    """llhttp's reading, with all that it saw on the way."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.messages: list[Message] = []
        self.failure = ""
        self._parser = httptools.HttpResponseParser(self)
        self._feed(raw)
        self.reading = self._reading()

    def _feed(self, raw: bytes) -> None:
        try:
            self._parser.feed_data(raw)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self.failure = self.failure or str(error)

    def on_message_begin(self) -> None:
        self.messages.append(Message())

    def on_header(self, name: bytes, value: bytes) -> None:
        message = self.messages[-1]
        (message.trailers if message.headers_done else message.headers).append((name, value))

    def on_headers_complete(self) -> None:
        message = self.messages[-1]
        message.status = self._parser.get_status_code()
        message.version = self._parser.get_http_version()
        message.headers_done = True

    def on_chunk_header(self) -> None:
        self.messages[-1].chunks += 1

    def on_body(self, body: bytes) -> None:
        self.messages[-1].body_bytes += len(body)

    def on_message_complete(self) -> None:
        self.messages[-1].done = True
        self.messages[-1].keep_alive = self._parser.should_keep_alive()

    @property
    def answer(self) -> Message:
        """The final answer, or as far as it came; what follows it is no concern of ours."""
        found = [message for message in self.messages if message.final]
        return (found or self.messages or [Message()])[0 if found else -1]

    def _reading(self) -> Reading:
        answer = self.answer
        if answer.final:
            return Reading(End.DONE, answer.status, answer.body_bytes, answer.keep_alive)
        if self.failure:
            return Reading(End.ERROR)
        if answer.done:
            return Reading(End.PARTIAL)
        seen = answer.body_bytes
        if answer.headers_done and not answer.chunks and not answer.values(b"content-length"):
            self._feed(b"\0")  # nothing but a body without an end takes this
            if answer.body_bytes == seen + 1:
                return Reading(End.UNTIL_EOF, answer.status, seen)
            self.failure = ""
        return Reading(End.PARTIAL, 0, seen)


def same_but_keep_alive(ours: Reading, theirs: Reading) -> bool:
    """Whether two readings differ in nothing but keep-alive."""
    return ours._replace(keep_alive=theirs.keep_alive) == theirs


class Difference(NamedTuple):
    """When our reading may differ from llhttp's; the names are those in _ext/lg_http.c."""

    name: str
    holds: Callable[[Reading, Llhttp], bool]


DIFFERENCES = (
    Difference(
        "other protocols",
        lambda ours, llhttp: (
            ours.end is End.ERROR and bool(re.search(rb"HTTP/(0\.9|2\.0)|RTSP/|ICE/", llhttp.raw))
        ),
    ),
    Difference(
        "status outside 100..599",
        lambda ours, llhttp: (
            ours.end is End.ERROR and bool(re.search(rb"/1\.[01] [06-9]\d\d[ \r]", llhttp.raw))
        ),
    ),
    Difference(
        "close wins",
        lambda ours, llhttp: (
            b"close" in llhttp.answer.elements(b"connection")
            and not ours.keep_alive
            and same_but_keep_alive(ours, llhttp.reading)
        ),
    ),
    Difference(
        "Proxy-Connection means nothing",
        lambda ours, llhttp: (
            bool(llhttp.answer.values(b"proxy-connection"))
            and same_but_keep_alive(ours, llhttp.reading)
        ),
    ),
    Difference(
        "chunked HTTP/1.0 is not kept",
        lambda ours, llhttp: (
            llhttp.answer.version == "1.0"
            and bool(llhttp.answer.values(b"transfer-encoding"))
            and not ours.keep_alive
            and same_but_keep_alive(ours, llhttp.reading)
        ),
    ),
    Difference(
        "empty elements and tabs in Transfer-Encoding",
        lambda _, llhttp: any(
            re.search(rb",[ \t]*(,|$)|\t", value)
            for value in llhttp.answer.values(b"transfer-encoding")
        ),
    ),
    Difference(
        "headers of a 1xx",
        lambda _, llhttp: (
            llhttp.failure == "Data after `Connection: close`"
            and llhttp.answer.status < 200
            and not llhttp.answer.keep_alive
        ),
    ),
    Difference(
        "no 1xx has a body",
        lambda _, llhttp: any(
            104 <= message.status <= 199 and message.values(b"content-length", b"transfer-encoding")
            for message in llhttp.messages
        ),
    ),
    Difference(
        "101 is final",
        lambda ours, llhttp: llhttp.answer.status == 101 and ours == Reading(End.DONE, 101),
    ),
    Difference(
        "chunk extensions",
        lambda _, llhttp: "chunk extension" in llhttp.failure,
    ),
    Difference(
        "trailers",
        lambda ours, llhttp: (
            same_but_keep_alive(ours, llhttp.reading)
            if llhttp.answer.trailers and llhttp.answer.done
            else llhttp.answer.chunks > 0
            and llhttp.reading.end is End.ERROR
            and bool(re.search("(Content-Length|Transfer-Encoding)", llhttp.failure))
        ),
    ),
)


def explanation(ours: Reading, llhttp: Llhttp) -> str | None:
    """The listed difference that the two readings are; None when they are the same."""
    if ours == llhttp.reading:
        return None
    for difference in DIFFERENCES:
        if difference.holds(ours, llhttp):
            return difference.name
    return "unexplained"


def compare(raw: bytes) -> str | None:
    """Holds our reading equal to llhttp's, but for what is listed.

    Within the line at hand one may refuse some bytes before the other: when one has failed
    and the other has not come to an end, all but the last line must be the same to both.
    """
    ours, llhttp = read(raw), Llhttp(raw)
    found = explanation(ours, llhttp)
    if found == "unexplained" and {ours.end, llhttp.reading.end} == {End.ERROR, End.PARTIAL}:
        raw = re.sub(rb"[^\n]*\n?\Z", b"", raw)
        ours, llhttp = read(raw), Llhttp(raw)
        found = explanation(ours, llhttp)
    assert found != "unexplained", (
        f"{raw!r}: we read {ours}, llhttp {llhttp.reading} {llhttp.failure}"
    )
    return found


EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        (None, EMPTY),
        (None, EMPTY[:-1]),
        (None, b"HTTP/1.1 200 OK\r\n\r\nabc"),
        (None, CHUNKED),
        (None, b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab"),
        (None, b"HTTP/1.1 100 C\r\n\r\n" + EMPTY),
        (None, EMPTY + b"garbage"),
        (None, b"garbage"),
        ("other protocols", EMPTY.replace(b"1.1", b"2.0")),
        ("other protocols", EMPTY.replace(b"HTTP/", b"RTSP/")),
        ("status outside 100..599", EMPTY.replace(b"200", b"600")),
        (
            "close wins",
            b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, close\r\n\r\n",
        ),
        (
            "Proxy-Connection means nothing",
            EMPTY.replace(b"\nC", b"\nProxy-Connection: close\r\nC"),
        ),
        (
            "chunked HTTP/1.0 is not kept",
            b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\n",
        ),
        ("empty elements and tabs in Transfer-Encoding", CHUNKED.replace(b"chunked", b"chunked,")),
        ("empty elements and tabs in Transfer-Encoding", CHUNKED.replace(b"chunked", b"chunked\t")),
        ("headers of a 1xx", b"HTTP/1.1 100 C\r\nConnection: close\r\n\r\n" + EMPTY),
        ("headers of a 1xx", b"HTTP/1.0 100 C\r\n\r\n" + EMPTY),
        ("no 1xx has a body", b"HTTP/1.1 199 x\r\nContent-Length: 9\r\n\r\n" + EMPTY),
        ("101 is final", b"HTTP/1.1 101 S\r\n\r\n"),
        ("chunk extensions", CHUNKED + b"0;\r\n\r\n"),
        ("chunk extensions", CHUNKED + b"0; a = b\r\n\r\n"),
        ("trailers", CHUNKED + b"0\r\nContent-Length: 0\r\n\r\n"),
        ("trailers", CHUNKED + b"0\r\nConnection: close\r\n\r\n"),
    ],
)
def test_we_differ_from_llhttp_where_we_say(name: str | None, raw: bytes) -> None:
    assert explanation(read(raw), Llhttp(raw)) == name


def test_every_difference_has_a_name_of_its_own() -> None:
    names = [difference.name for difference in DIFFERENCES]
    assert sorted(set(names)) == sorted(names)


# ---- responses, made up ----

text = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]), max_size=12).map(
    lambda value: value.encode("latin-1")
)
token = st.text("Aa0-_!~", min_size=1, max_size=12).map(str.encode)
white = st.sampled_from([b"", b" ", b"\t", b"  "])
names = st.one_of(
    token,
    st.sampled_from([b"Date", b"Server", b"Content-Type", b"Connect", b"Transfer", b"Trailer"]),
)
headers = st.tuples(names, white, text).map(lambda part: b"%b:%b%b\r\n" % part)
bodies = st.one_of(st.binary(max_size=40), st.just(b"x" * 3000))


def cased(word: bytes) -> st.SearchStrategy[bytes]:
    """A word as it is, in capitals, or in lower case."""
    return st.sampled_from([word, word.upper(), word.lower()])


@st.composite
def connections(draw: st.DrawFn) -> bytes:
    """A Connection header, or none."""
    elements = draw(st.lists(st.one_of(cased(b"Close"), cased(b"Keep-Alive"), token), max_size=3))
    comma = draw(st.sampled_from([b",", b", ", b"\t,", b" , "]))
    return b"Connection:%b%b\r\n" % (draw(white), comma.join(elements)) if elements else b""


@st.composite
def chunks(draw: st.DrawFn) -> bytes:
    """A chunked body with extensions and trailers."""
    parts = [
        draw(st.sampled_from([b"%x%b\r\n%b\r\n", b"%X%b\r\n%b\r\n", b"00%x%b\r\n%b\r\n"]))
        % (len(data), draw(st.sampled_from([b"", b"", b";a", b';a="b;c"'])), data)
        for data in draw(st.lists(bodies.filter(bool), max_size=3))
    ]
    trailers = draw(st.lists(headers, max_size=2))
    return b"".join([*parts, b"0\r\n", *trailers, b"\r\n"])


@st.composite
def responses(draw: st.DrawFn) -> bytes:
    """A valid response, with what may come before and after it."""
    interim = [
        b"HTTP/1.1 %d x\r\n%b\r\n" % (status, draw(headers))
        for status in draw(st.lists(st.sampled_from([100, 102, 103, 199]), max_size=2))
    ]
    version = draw(st.sampled_from([b"HTTP/1.1", b"HTTP/1.1", b"HTTP/1.0"]))
    status = draw(st.sampled_from([200, 200, 204, 206, 302, 304, 404, 500, 599]))
    reason = draw(st.one_of(st.just(b""), text.map(lambda reason: b" " + reason)))
    body = draw(bodies)
    if status in (204, 304):
        body = b""
    framing, payload = draw(
        st.one_of(
            st.just((b"Content-Length:%b%d\r\n" % (draw(white), len(body)), body)),
            st.just((b"", body)),
            st.tuples(
                cased(b"Chunked").map(lambda coding: b"Transfer-Encoding: %b\r\n" % coding),
                chunks(),
            ),
        )
    )
    lines = draw(st.lists(headers, max_size=4))
    for line in (framing, draw(connections())):
        lines.insert(draw(st.integers(0, len(lines))), line)
    if status in (204, 304):
        payload = b""
    head = b"%b %d%b\r\n" % (version, status, reason)
    return b"".join([*interim, head, *lines, b"\r\n", payload])


INSERTIONS = [
    *(bytes([value]) for value in b'\0\t\n\r ",-/0123456789:;ACTacfkt\x7f\x80\xff'),
    b"\r\n",
    b"\r\n\r\n",
    b"\r\n ",
    b"chunked",
    b"close",
    b"keep-alive",
    b"HTTP/1.1 100 x\r\n\r\n",
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip\r\n",
    b"Connection: close\r\n",
    b"99999999999999999999",
    b"ffffffffffffffff",
]


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A response with bytes flipped, inserted, taken out, or cut off; half of them at line ends."""
    raw = draw(responses())
    for _ in range(draw(st.integers(1, 3))):
        ends = [match.start() for match in re.finditer(rb"[\r\n:,]", raw)]
        anywhere = st.integers(0, len(raw))
        at = draw(st.one_of(anywhere, st.sampled_from(ends)) if ends else anywhere)
        match draw(st.sampled_from(["insert", "insert", "flip", "remove", "cut"])):
            case "insert":
                raw = raw[:at] + draw(st.sampled_from(INSERTIONS)) + raw[at:]
            case "flip":
                raw = raw[:at] + bytes([draw(st.integers(0, 255))]) + raw[at + 1 :]
            case "remove":
                raw = raw[:at] + raw[at + draw(st.integers(1, 4)) :]
            case _:
                raw = raw[:at]
    return raw


cuts = st.lists(st.integers(0, 1 << 16), max_size=6).map(tuple)


@QUICK
@given(raw=st.one_of(responses(), broken()), cuts=cuts, head=st.booleans())
def test_splits_change_nothing(raw: bytes, cuts: tuple[int, ...], head: bool) -> None:
    whole = read(raw, head=head)
    assert read(raw, head=head, cuts=cuts) == whole
    assert read(raw, head=head, cuts=tuple(range(len(raw)))) == whole


@QUICK
@given(raw=responses())
def test_valid_responses_are_read_as_llhttp_reads_them(raw: bytes) -> None:
    assert read(raw).end in (End.DONE, End.UNTIL_EOF)
    compare(raw)


@settings(QUICK, max_examples=700)
@given(raw=broken())
def test_broken_responses_are_read_as_llhttp_reads_them(raw: bytes) -> None:
    compare(raw)


@QUICK
@given(raw=responses())
def test_the_end_of_a_response_is_where_llhttp_sees_it(raw: bytes) -> None:
    """What is left over is nothing that llhttp would have needed, and no byte less."""
    parser = ResponseParser()
    used = parser.feed(raw + b"HTTP")
    if parser.done:
        assert Llhttp(raw[:used]).reading.end is End.DONE
        assert Llhttp(raw[: used - 1]).reading.end is not End.DONE
        assert used == len(raw)


def read_by_h11(raw: bytes, *, head: bool) -> Reading:
    """h11's reading of a valid response that needs nothing that h11 refuses."""
    client = h11.Connection(our_role=h11.CLIENT)
    client.send(h11.Request(method="HEAD" if head else "GET", target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(raw)
    client.receive_data(b"")
    status = body_bytes = 0
    while not isinstance(event := client.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body_bytes += len(event.data)
    return Reading(End.DONE, status, body_bytes, client.their_state is h11.DONE)


@QUICK
@given(raw=responses(), head=st.booleans())
def test_valid_responses_are_read_as_h11_reads_them(raw: bytes, head: bool) -> None:
    """But for keep-alive in HTTP/1.0, which h11 does not know, and of a body until the end."""
    if head:
        raw = raw[: [m.end() for m in re.finditer(rb"\r\n\r\n", raw)][-1]]
    ours = read(raw, head=head)
    theirs = read_by_h11(raw, head=head)
    if b"HTTP/1.0" in raw or ours.end is End.UNTIL_EOF:
        ours = ours._replace(keep_alive=theirs.keep_alive)
    assert ours._replace(end=End.DONE) == theirs


def test_an_error_says_what_is_wrong_and_stays() -> None:
    parser = ResponseParser()
    for _ in range(2):
        with pytest.raises(EngineError, match=r"not HTTP/1\.0 or HTTP/1\.1") as caught:
            parser.feed(b"SSH-2.0-OpenSSH\r\n")
        assert caught.value.code == -4


def test_a_header_without_an_end_is_too_large() -> None:
    parser = ResponseParser()
    assert parser.feed(b"HTTP/1.1 200 OK\r\nA: ") == 20
    with pytest.raises(EngineError, match="larger than the limit") as caught:
        parser.feed(b"x" * 70_000)
    assert caught.value.code == -5


def test_body_may_be_skipped_unseen() -> None:
    parser = ResponseParser()
    parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    assert parser.skippable == 7
    with pytest.raises(ValueError, match="8 bytes; expected at most skippable, 7"):
        parser.skip(8)
    parser.skip(7)
    assert (parser.done, parser.body_bytes, parser.minor) == (True, 10, 1)
