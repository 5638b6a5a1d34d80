"""Who takes the slow path, and what it refuses."""

from __future__ import annotations

import pytest

from loadgen.checks import Checks
from loadgen.errors import ConfigError
from loadgen.limits import Limits
from loadgen.plan import Plan, TlsOptions
from loadgen.slow_engine import choice
from loadgen.slow_engine.choice import is_slow, require_abilities, slow_path_sentence

HTTPS, HTTP = Plan(target="https://a.example"), Plan(target="http://a.example")
MIXED = Plan(target="http://a.example", further_targets=("https://b.example",))


@pytest.fixture
def static_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "unavailable", lambda: "python3 has an OpenSSL inside")


@pytest.mark.usefixtures("static_openssl")
@pytest.mark.parametrize(("plan", "slow"), [(HTTPS, True), (HTTP, False), (MIXED, True)])
def test_https_is_slow_without_a_shared_openssl(plan: Plan, slow: bool) -> None:
    assert is_slow(plan) is slow
    assert ("OpenSSL inside" in slow_path_sentence(plan)) is slow
    require_abilities(plan)


def test_this_python_shares_its_openssl_so_nothing_is_slow_or_refused() -> None:
    assert not is_slow(HTTPS)
    assert slow_path_sentence(HTTPS) == ""
    require_abilities(Plan(target="https://a.example", follow=3))


@pytest.mark.usefixtures("static_openssl")
@pytest.mark.parametrize(
    ("plan", "named"),
    [
        (Plan(target="https://a.example", follow=3), "--follow"),
        (Plan(target="https://a.example", limits=Limits(max_rps=9)), "limits.max_rps"),
        (Plan(target="https://a.example", checks=Checks(statuses=((200, 200),))), "expect"),
        (Plan(target="https://a.example", tls=TlsOptions(resume=True)), "--tls-resume"),
        (
            Plan(target="https://a.example", tls=TlsOptions(ciphers="TLS_AES_128_GCM_SHA256")),
            "--tls-ciphers",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_only_the_fast_path_has_is_refused_by_name(plan: Plan, named: str) -> None:
    with pytest.raises(ConfigError, match=named) as raised:
        require_abilities(plan)
    assert "\n" not in str(raised.value)
    assert "--no-managed-python" in str(raised.value)


@pytest.mark.usefixtures("static_openssl")
def test_raw_samples_are_refused_on_the_slow_path_only() -> None:
    with pytest.raises(ConfigError, match="--samples"):
        require_abilities(HTTPS, samples=True)
    require_abilities(HTTP, samples=True)
