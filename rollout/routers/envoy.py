"""Moves traffic in Envoy by one runtime value, set by its admin API.

The canary's route stands first and takes the part of requests that its runtime_fraction says;
a whole number as its value means percent, whatever the denominator in the configuration.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ValidationError

from rollout.connection import open_connection, what_failed
from rollout.routers.router import Change, RouterError, Served

__all__ = ["EnvoyRouter", "percent_of", "runtime_value"]

TIMEOUT_S = 2.0
DENOMINATORS = {"HUNDRED": 100, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000}


class _Entry(BaseModel):
    final_value: str


class _Runtime(BaseModel):
    """The part of /runtime that is read here."""

    entries: dict[str, _Entry]


class _Stat(BaseModel):
    name: str
    value: int


class _Stats(BaseModel):
    """The part of /stats that is read here."""

    stats: list[_Stat]


class _Fraction(BaseModel):
    """envoy.type.v3.FractionalPercent; both fields may be left out, as in proto3."""

    numerator: int = 0
    denominator: str = "HUNDRED"

    def percent(self) -> float:
        return min(100.0, 100 * self.numerator / DENOMINATORS[self.denominator])


def runtime_value(weight_percent: float) -> str:
    """A weight as Envoy's runtime reads it: a whole percentage, or a fraction of 10,000."""
    weight_percent = round(weight_percent, 2)
    if weight_percent == int(weight_percent):
        return f"{weight_percent:.0f}"
    # Envoy leaves a + in a query as it is, so that there may be no spaces.
    return f'{{"numerator":{round(100 * weight_percent)},"denominator":"TEN_THOUSAND"}}'


def percent_of(value: str) -> float:
    """The weight that a runtime value means, in percent.

    Raises:
        ValueError: it is neither a number nor a fraction.
    """
    if value.isdigit():
        return min(100.0, float(value))
    return _Fraction.model_validate_json(value).percent()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvoyRouter:
    """A route with a runtime_fraction, in front of one that takes the rest.

    Attributes:
        admin: URL of the admin API.
        key: the runtime_key of the canary's route.
        stable, canary: names of the clusters.
    """

    admin: str
    key: str
    stable: str = "stable"
    canary: str = "canary"

    @property
    def text(self) -> str:
        """The key and the admin API."""
        return f"Envoy's runtime value {self.key} at {self.admin}"

    def nearest(self, weight_percent: float) -> float:
        """Rounded to hundredths of a percent."""
        return round(weight_percent, 2)

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        """One runtime value."""
        new, old = runtime_value(weight_percent), runtime_value(self.get())
        if new == old:
            return ()
        return (
            Change(
                action=f"Envoy: runtime_modify {self.key}={new}",
                inverse=f"Envoy: runtime_modify {self.key}={old}",
            ),
        )

    def get(self) -> float:
        """The runtime value; the default in the route where none was set.

        Raises:
            RouterError: Envoy does not answer, or no route asks for the key.
        """
        value = self._value()
        return self._default_percent() if value is None else self._percent(value)

    def set(self, weight_percent: float) -> None:
        """Sets the runtime value, and reads it back.

        Raises:
            RouterError: Envoy does not answer or refuses, no route asks for the key, or a layer
                above the admin's has another value.
        """
        if self._value() is None:
            self._default_percent()  # Envoy would say OK to a key that nobody asks for
        value = runtime_value(weight_percent)
        self._ask("POST", f"/runtime_modify?{urlencode({self.key: value}, quote_via=quote)}")
        if (found := self._value()) != value:
            raise RouterError(
                f"{self.text}: found {found} after {value} was set; a later layer of "
                "layered_runtime overrides the admin's, which must be the last",
                lasting=True,
            )

    def verify(self) -> Served | None:
        """Requests by cluster: counted when they are sent, so that what is under way is in.

        Raises:
            RouterError: Envoy does not answer, or has no such cluster.
        """
        names = {f"cluster.{name}.upstream_rq_total": name for name in (self.stable, self.canary)}
        pattern = "|".join(re.escape(name) for name in names)
        path = f"/stats?{urlencode({'format': 'json', 'filter': f'^({pattern})$'})}"
        with self._read("/stats"):
            stats = _Stats.model_validate_json(self._ask("GET", path)).stats
        counts = {names[stat.name]: stat.value for stat in stats if stat.name in names}
        if missing := {self.stable, self.canary} - counts.keys():
            raise RouterError(
                f"{self.text}: there is no cluster {min(missing)!r}; compare router.stable and "
                "router.canary with Envoy's clusters",
                lasting=True,
            )
        return Served(stable=counts[self.stable], canary=counts[self.canary])

    def changed_by(self) -> str:
        """Unknown: Envoy does not say."""
        return ""

    def _value(self) -> str | None:
        """The runtime value as Envoy writes it; None: there is none."""
        with self._read("/runtime"):
            runtime = _Runtime.model_validate_json(self._ask("GET", "/runtime?format=json"))
        entry = runtime.entries.get(self.key)
        return entry.final_value if entry else None

    def _default_percent(self) -> float:
        """What the route takes without a runtime value."""
        with self._read("/config_dump"):
            dump: object = json.loads(self._ask("GET", "/config_dump"))
            for fraction in _runtime_fractions(dump):
                if fraction.get("runtime_key") == self.key:
                    return _Fraction.model_validate(fraction.get("default_value", {})).percent()
        raise RouterError(
            f"{self.text}: no route asks for it; give the canary's route "
            f"match: {{runtime_fraction: {{runtime_key: {self.key}, default_value: ...}}}}",
            lasting=True,
        )

    def _percent(self, value: str) -> float:
        try:
            return percent_of(value)
        except ValueError:
            raise RouterError(
                f"{self.text}: found {value!r}, expected a percentage; set it by hand once",
                lasting=True,
            ) from None

    @contextlib.contextmanager
    def _read(self, path: str) -> Iterator[None]:
        """Says whose answer it was that cannot be read."""
        try:
            yield
        except (ValidationError, json.JSONDecodeError):
            raise RouterError(
                f"{self.text}: the answer to {path} cannot be read; is that Envoy's admin API?",
                lasting=True,
            ) from None

    def _ask(self, method: str, target: str) -> bytes:
        try:
            with contextlib.closing(open_connection(self.admin, TIMEOUT_S)) as connection:
                connection.request(method, target)
                answer = connection.getresponse()
                body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise RouterError(
                f"{self.text}: cannot be asked ({what_failed(error)}); is Envoy running, with "
                "its admin API there?"
            ) from None
        if answer.status != 200:
            said = " ".join(body.decode(errors="replace").split())[:200]
            raise RouterError(
                f"{self.text}: it answered {answer.status} ({said}); does its configuration "
                "have layered_runtime with an admin_layer?",
                lasting=answer.status < 500 or "layer" in said,
            )
        return body


def _runtime_fractions(dump: object) -> Iterator[dict[str, object]]:
    """Every runtime_fraction anywhere in a configuration."""
    if isinstance(dump, dict):
        for key, value in dump.items():
            if key == "runtime_fraction" and isinstance(value, dict):
                yield value
            else:
                yield from _runtime_fractions(value)
    elif isinstance(dump, list):
        for value in dump:
            yield from _runtime_fractions(value)
