"""Which paths are one endpoint."""

from __future__ import annotations

import pytest

from rollout.shadow.path_template import endpoint_name, path_template


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/", "/"),
        ("/users", "/users"),
        ("/users/17", "/users/{id}"),
        ("/users/17/orders/4?x=1", "/users/{id}/orders/{id}"),
        ("/users/17/", "/users/{id}/"),
        ("/api/v2/health", "/api/v2/health"),
        ("/o/9b2d7c3e-1f4a-4c55-8f0e-1234567890ab", "/o/{id}"),
        ("/o/9B2D7C3E-1F4A-4C55-8F0E-1234567890AB", "/o/{id}"),
        ("/commits/3546649a", "/commits/{id}"),
        ("/facade/decade", "/facade/decade"),
        ("/orders/ord_12345", "/orders/{id}"),
        ("/orders/KD-1234", "/orders/{id}"),
        ("/s/AbC123dEf456GhI789", "/s/{id}"),
        ("/posts/how-to-do-10-things", "/posts/how-to-do-10-things"),
        ("/internationalisation_of_things", "/internationalisation_of_things"),
        ("/reports/2026-11-25", "/reports/{id}"),
        ("/reports/2026-11-25T10:00:00Z", "/reports/{id}"),
        ("/mail/ada%40example.com", "/mail/{id}"),
        ("/mail/ada@example.com", "/mail/{id}"),
        ("/long/" + "a-" * 60, "/long/{id}"),
        ("/app.js", "/app.js"),
        ("*", "*"),
    ],
)
def test_templates(target: str, expected: str) -> None:
    assert path_template(target) == expected


def test_the_method_is_a_part_of_the_name() -> None:
    assert endpoint_name("HEAD", "/users/17?a=b") == "HEAD /users/{id}"
