"""URLs of servers under test: what they become, and what is said of those that cannot be."""

from __future__ import annotations

import pytest

from loadgen.errors import ConfigError
from loadgen.target_url import Target


@pytest.mark.parametrize(
    ("url", "host", "port", "own_path"),
    [
        ("http://localhost:8000", "localhost", 8000, "/"),
        ("  http://localhost:8000\n", "localhost", 8000, "/"),
        ("http://example.com", "example.com", 80, "/"),
        ("http://example.com.", "example.com.", 80, "/"),
        ("HTTP://Example.COM:/Case/Stays", "example.com", 80, "/Case/Stays"),
        ("http://10.0.0.1:1/a/b?c=d&e", "10.0.0.1", 1, "/a/b?c=d&e"),
        ("http://h?q=1", "h", 80, "/?q=1"),
        ("http://h/?", "h", 80, "/"),
        ("http://h/a%20b", "h", 80, "/a%20b"),
        ("http://my_service.internal:65535/", "my_service.internal", 65535, "/"),
        ("http://[::1]:8080/x", "::1", 8080, "/x"),
        ("http://[2001:DB8::1]", "2001:db8::1", 80, "/"),
        ("http://[fe80::1%eth0]/", "fe80::1%eth0", 80, "/"),
        ("http://[fe80::1%25eth0]/", "fe80::1%eth0", 80, "/"),
    ],
)
def test_a_url_is_taken_apart(url: str, host: str, port: int, own_path: str) -> None:
    target = Target.parse(url)
    assert (target.scheme, target.host, target.port) == ("http", host, port)
    assert target.own_path == own_path


@pytest.mark.parametrize(
    ("url", "port", "authority"),
    [
        ("https://example.com", 443, "example.com"),
        ("https://example.com:443/", 443, "example.com"),
        ("HTTPS://example.com:80", 80, "example.com:80"),
        ("https://[::1]:8443", 8443, "[::1]:8443"),
        ("http://example.com:443", 443, "example.com:443"),
    ],
)
def test_each_scheme_has_its_own_default_port(url: str, port: int, authority: str) -> None:
    target = Target.parse(url)
    assert target.scheme == url.partition(":")[0].lower()
    assert (target.port, target.authority) == (port, authority)


def test_a_socket_of_this_machine_is_a_target() -> None:
    target = Target.parse("http+unix://%2FRun%2Fapp.sock/api/x?q=1")
    assert (target.is_unix, target.host, target.port) == (True, "/Run/app.sock", 0)
    assert (target.own_path, target.authority) == ("/api/x?q=1", "localhost")
    assert target.url == "http+unix://%2FRun%2Fapp.sock/api/x?q=1"
    assert Target.parse(target.url) == target


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "the URL is empty"),
        (" \t", "the URL is empty"),
        ("localhost:8000", "'localhost:8000' has no scheme; did you mean http://localhost:8000 ?"),
        ("//h/x", "'//h/x' has no scheme; did you mean http://h/x ?"),
        ("http:/h", "'http:/h' has no scheme; did you mean http://h ?"),
        ("h/?to=http://x", "has no scheme; did you mean http://h/?to=http://x ?"),
        ("ftp://h", "scheme 'ftp' is not supported; use http://"),
        ("http+unix:///run/app.sock", "has no host"),
        ("http+unix://app.sock/", "names no socket; expected the percent-encoded path"),
        ("http+unix://%2F" + "a" * 107, "names no socket"),
        ("http+unix://%2Fa%00b", "names no socket"),
        ("http://", "'http://' has no host"),
        ("http://:80/", "has no host"),
        ("http://h:0", "port 0 cannot be connected to; use 1 to 65535"),
        ("http://h:65536", "is not a URL: Port out of range"),
        ("http://h:http", "is not a URL: Port could not be cast"),
        ("http://[::1", "is not a URL: Invalid IPv6 URL"),
        ("http://h/a b", "has white space or a control character"),
        ("http://h\x00/", "has white space or a control character"),
        ("http://h/#top", "a fragment (#top) is never sent to a server; remove it"),
        ("http://h/é", "expected anything but ASCII to be percent-encoded"),
        ("http://h/?é", "expected anything but ASCII to be percent-encoded"),
        ("http://müller.de", "'müller.de' is not a host name; expected"),
        ("http://a..b", "'a..b' is not a host name"),
        ("http://-a", "'-a' is not a host name"),
        ("http://" + "a" * 64, "is not a host name"),
        ("http://" + ".".join(["a" * 60] * 5), "is not a host name"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Target.parse(url)
    (problem,) = caught.value.problems
    assert problem.startswith("target: ")
    assert said in problem
    assert "\n" not in problem


@pytest.mark.parametrize("url", ["http://me:secret@h/", "http://me:secret@h/a b", "me:secret@h"])
def test_a_password_is_refused_and_never_shown(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Target.parse(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("http://h", "h"),
        ("http://h:80", "h"),
        ("http://h:8080", "h:8080"),
        ("http://[::1]", "[::1]"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("http://[fe80::1%eth0]:8080", "[fe80::1]:8080"),
    ],
)
def test_the_host_header_leaves_out_default_port_and_zone(url: str, authority: str) -> None:
    assert Target.parse(url).authority == authority


@pytest.mark.parametrize(
    ("url", "base_path"),
    [
        ("http://h", ""),
        ("http://h/", ""),
        ("http://h/api", "/api"),
        ("http://h/api/", "/api"),
        ("http://h/api/v1?k=1", "/api/v1"),
    ],
)
def test_the_base_path_has_no_final_slash(url: str, base_path: str) -> None:
    assert Target.parse(url).base_path == base_path


@pytest.mark.parametrize(
    "url", ["http://h", "http://h:8080/a?b=1", "http://[::1]:81", "http://h/?b=1"]
)
def test_a_url_in_its_shortest_form_comes_back(url: str) -> None:
    assert Target.parse(url).url == url
    assert Target.parse(Target.parse(url).url) == Target.parse(url)
