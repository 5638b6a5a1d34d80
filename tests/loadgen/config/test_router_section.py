"""router: and mark: of loadgen.yml, by their kinds."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from loadgen.config.router_section import ROUTER_SECTIONS, MarkSection, RouterOptions

ADAPTER: TypeAdapter[RouterOptions] = TypeAdapter(RouterOptions)
WRITTEN: dict[str, dict[str, object]] = {
    "haproxy": {"kind": "haproxy", "socket": "/run/haproxy/admin.sock", "backend": "app"},
    "envoy": {"kind": "envoy", "admin": "http://127.0.0.1:9901", "key": "routing.canary"},
    "nginx": {"kind": "nginx", "include": "/etc/nginx/loadgen-split.conf"},
    "command": {"kind": "command", "command": ["set", "{percentage}"], "get_command": ["get"]},
    "gateway-api": {"kind": "gateway-api", "route": "backend", "stable": "backend-v1"},
    "replicas": {"kind": "replicas", "stable": "backend-v1"},
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_each_kind_is_read_as_its_own_model(kind: str) -> None:
    assert type(ADAPTER.validate_python(WRITTEN[kind])) is ROUTER_SECTIONS[kind]


def test_a_side_of_haproxy_is_one_server_or_several() -> None:
    one = ADAPTER.validate_python({**WRITTEN["haproxy"], "stable": "v1"})
    several = ADAPTER.validate_python({**WRITTEN["haproxy"], "stable": ["v1a", "v1b"]})
    assert one.model_dump()["stable"] == ("v1",)
    assert several.model_dump()["stable"] == ("v1a", "v1b")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({}, "found no kind, expected kind: haproxy, envoy, nginx, command, gateway-api or"),
        ({"kind": "haprox"}, "did you mean haproxy?"),
        ({**WRITTEN["command"], "command": "set 5"}, "expected a list: the program and its"),
        ({**WRITTEN["haproxy"], "canary": "stable"}, "found 'stable' on both sides"),
        ({**WRITTEN["haproxy"], "canary": []}, "expected the name of a server, or a list"),
    ],
)
def test_mistakes_are_named(written: dict[str, object], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTER.validate_python(written)
    assert expected in str(caught.value.errors()[0]["msg"])


def test_a_mark_names_a_header_that_can_be_sent() -> None:
    with pytest.raises(ValidationError):
        MarkSection.model_validate({"header": "X Version", "canary": "v2"})
