"""What the mirror hands over, as the pair that is compared."""

from __future__ import annotations

from rollout.shadow.live.capture import Taken
from rollout.shadow.live.mirror import Mirrored
from rollout.shadow.live.pairing import pair_of
from rollout.shadow.live.side import Told
from rollout.shadow.pair import Exchange, Pair, Request

TAKEN = Taken(
    request=b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    answer=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
    status=200,
    is_head=False,
    by_close=False,
    asked_ns=5,
    service_ns=10,
)


def test_all_sides_are_read() -> None:
    canary = Told(answer=b"HTTP/1.1 500 Oh\r\n\r\nno", by_close=True, service_ns=20, status=500)
    baseline = Told(answer=b"HTTP/1.1 204 No\r\n\r\n", service_ns=30, status=204)
    assert pair_of(Mirrored(TAKEN, canary, baseline)) == Pair(
        request=Request(method="GET", target="/a", headers=(("Host", "x"),), at_ns=5),
        production=Exchange(
            status=200, headers=(("Content-Length", "2"),), body=b"hi", service_ns=10
        ),
        canary=Exchange(status=500, body=b"no", service_ns=20),
        baseline=Exchange(status=204, service_ns=30),
    )


def test_a_side_without_an_answer_says_why() -> None:
    pair = pair_of(Mirrored(TAKEN, Told(error="timeout", service_ns=9), None))
    assert pair.canary == Exchange(error="timeout", service_ns=9)
    assert pair.baseline is None


def test_an_answer_to_head_has_no_body_on_any_side() -> None:
    taken = TAKEN._replace(
        request=b"HEAD /a HTTP/1.1\r\n\r\n",
        answer=b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
        is_head=True,
    )
    told = Told(answer=b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", status=200)
    pair = pair_of(Mirrored(taken, told, told))
    sides = (pair.production, pair.canary, pair.baseline)
    assert [(side.error, side.status) for side in sides if side] == [("", 200)] * 3
