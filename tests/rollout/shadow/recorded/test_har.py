"""Archives as browsers save them."""

from __future__ import annotations

import json

import pytest

from loadgen.errors import ConfigError
from rollout.shadow.recorded.entry import Entry
from rollout.shadow.recorded.har import Archive


def entry(url: str, at: str = "2026-11-25T10:30:00.250Z", **request: object) -> dict[str, object]:
    return {"startedDateTime": at, "request": {"method": "GET", "url": url, **request}}


def read(
    *entries: object, host: str = "shop.example.com"
) -> tuple[Archive, list[Entry], list[str]]:
    archive = Archive(json.dumps({"log": {"entries": entries}}), "shop.har", host)
    refused: list[str] = []
    found = list(archive.entries(lambda _, reason: refused.append(reason)))
    return archive, found, refused


def test_requests_in_their_order() -> None:
    body = {"mimeType": "application/json", "text": '{"a": 1}'}
    headers = [{"name": ":path", "value": "/b"}, {"name": "Accept", "value": "*/*"}]
    _, found, refused = read(
        entry("https://shop.example.com/b", method="POST", headers=headers, postData=body),
        entry("https://shop.example.com/a?x=1", "2026-11-25T11:30:00.000+01:00"),
    )
    assert [(each.method, each.target) for each in found] == [("GET", "/a?x=1"), ("POST", "/b")]
    assert found[1].at_s - found[0].at_s == pytest.approx(0.25)
    assert found[1].headers == (("Accept", "*/*"), ("Content-Type", "application/json"))
    assert found[1].body == b'{"a": 1}'
    assert refused == []


def test_other_hosts_are_left_out() -> None:
    urls = ["https://cdn.example.com/a", "https://cdn.example.com/b", "https://shop.example.com/c"]
    archive, found, _ = read(*map(entry, urls))
    assert [each.target for each in found] == ["/c"]
    assert (archive.host, archive.elsewhere) == ("shop.example.com", 2)
    archive, found, _ = read(*map(entry, urls), host="elsewhere.example.com")
    assert [each.target for each in found] == ["/a", "/b"]
    assert (archive.host, archive.elsewhere) == ("cdn.example.com", 1)


def test_what_cannot_be_read_is_told() -> None:
    _, found, refused = read(
        17,
        {"request": {"method": "GET", "url": "https://shop.example.com/"}},
        entry("https://shop.example.com/", "yesterday"),
        entry("https://shop.example.com/ü"),
        entry("https://shop.example.com/", headers=[{"name": "x"}]),
        entry("https://shop.example.com/", method=17),
        entry("https://shop.example.com/", postData="x"),
        entry("http://[x/"),
    )
    assert found == []
    assert len(refused) == 8
    assert refused[0] == "no request in it"


def test_a_body_in_base64() -> None:
    data = {"mimeType": "image/png", "text": "iVBORw==", "encoding": "base64"}
    _, [found], _ = read(entry("https://shop.example.com/", postData=data))
    assert found.body == b"\x89PNG"


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"log": {}}', '{"log": {"entries": 1}}', "[" * 9999]
)
def test_what_is_no_archive(text: str) -> None:
    with pytest.raises(ConfigError, match=r"shop\.har: found no"):
        Archive(text, "shop.har", "x")
