"""Gateway API: the canary's share as weights of two references of one HTTPRoute. I/O."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from rollout.routers.kubernetes import route
from rollout.routers.kubernetes.cluster import Cluster, ClusterError, PatchKind
from rollout.routers.kubernetes.kinds import Place
from rollout.routers.kubernetes.manifest import Manifest, writer_of
from rollout.routers.kubernetes.patience import Patience
from rollout.routers.router import Change, RouterError, Served, UnderWayError

__all__ = ["GatewayRouter"]

ATTEMPTS = 5
"""Readings of a route that others change at the same time; a controller does so for a moment."""
PROGRAMMED_LIMIT_S = 10.0
"""A gateway's controller says within a second or two that it has seen a new generation."""
SLICE_S = 0.5
"""Longest wait within one call: orders of people are looked at between two."""
HISTORY_LIMIT_S = 5.0
"""Longest wait for what happened to a route since. The server sends past changes at once, and the
last of them ends the wait, so that this is for a server that hardly answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What `set` left behind: the route's version, and the canary's share in percent."""

    version: str
    weight_percent: float


class GatewayRouter:
    """Two services that share the traffic of an HTTPRoute.

    Args:
        cluster: where the route is.
        place: the route.
        stable, canary: names of the services.
        programmed_limit_s: longest wait for the gateway to report that it took a change over.
    """

    def __init__(
        self,
        cluster: Cluster,
        place: Place,
        *,
        stable: str,
        canary: str,
        programmed_limit_s: float = PROGRAMMED_LIMIT_S,
    ) -> None:
        self._cluster = cluster
        self._place = place
        self._stable = stable
        self._canary = canary
        self._programmed_limit_s = programmed_limit_s
        self._done: _Done | None = None
        self._known: Sequence[route.Pair] = ()
        self._patience = Patience(limit_s=programmed_limit_s)

    @property
    def text(self) -> str:
        """Which route, and where."""
        return f"HTTPRoute {self._place.name} in {self._place.namespace}, {self._cluster.text}"

    def nearest(self, weight_percent: float) -> float:
        """Steps of 0.01 %, or what the sum of both weights allows beside a third service.

        By the route as it was seen last: asked only when it has not been seen yet.
        """
        return route.nearest(self._known or self._pairs(self._read()), weight_percent)

    def changes(self, weight_percent: float) -> tuple[Change, ...]:
        """The weights of both, in each rule that has both; checked by the server (dry run)."""
        seen = self._read()
        pairs = self._pairs(seen)
        weight = route.nearest(pairs, weight_percent)
        patch = route.weights_patch(seen, pairs, weight)
        if not patch:
            return ()
        self._cluster.patch(self._place, patch, PatchKind.JSON, changes_nothing=True)
        return tuple(
            Change(
                action=self._described(pair, *pair.canary_weight(weight)),
                inverse=self._described(pair, pair.canary.weight, pair.total),
            )
            for pair in pairs
        )

    def get(self) -> float:
        """By the route's specification; what the gateway does with it is measured elsewhere."""
        return route.canary_percent(self._pairs(self._read()))

    def set(self, weight_percent: float) -> None:
        """Writes the weights; reads again and retries when someone else was faster.

        Raises:
            UnderWayError: the gateway has not taken it over yet; each call waits for SLICE_S at
                most.
            RouterError: refused, changed by others again and again, or not accepted by the
                gateway, or not reported as taken over in time.
        """
        seen = self._read()
        for _ in range(ATTEMPTS):
            pairs = self._pairs(seen)
            weight = route.nearest(pairs, weight_percent)
            patch = route.weights_patch(seen, pairs, weight)
            if not patch:
                break
            try:
                seen = self._cluster.patch(self._place, patch, PatchKind.JSON)
                break
            except ClusterError as error:
                seen = self._read_after(error, seen)
        else:
            raise RouterError(
                f"{self.text}: it was changed {ATTEMPTS} times while its weights were to be set, "
                f"last by {writer_of(seen, 'spec', 'rules') or 'an unknown writer'}; end that, "
                "or let one owner only write its weights"
            )
        if patch or self._done is None or self._done.weight_percent != weight:
            self._done = _Done(version=seen.version, weight_percent=weight)
        self._await_gateway(seen, weight_percent)

    def verify(self) -> Served | None:
        """None: an API server sees no traffic."""
        return None

    def changed_by(self) -> str:
        """The field manager that changed the weights since `set`, even if they are back again.

        The server tells what became of the route since; no state in between is missed unless it
        has forgotten them, and then the present one speaks.
        """
        if self._done is None:
            return ""
        now = self._read()
        if now.version == self._done.version:
            return ""
        try:
            for state in self._cluster.later(
                self._place, self._done.version, within_s=HISTORY_LIMIT_S
            ):
                if self._is_foreign(state):
                    return _writer(state)
                if state.version == now.version:
                    break
        except ClusterError as error:
            if error.code != 410:
                raise
        return _writer(now) if self._is_foreign(now) else ""

    def _read(self) -> Manifest:
        return self._cluster.get(self._place)

    def _pairs(self, seen: Manifest) -> Sequence[route.Pair]:
        self._known = route.find_pairs(seen, stable=self._stable, canary=self._canary)
        return self._known

    def _read_after(self, error: ClusterError, seen: Manifest) -> Manifest:
        """The route after a refused patch.

        A failed test of a patch is 422, as is a value that is not allowed: the version tells
        them apart.
        """
        if error.code not in (409, 422):
            raise error
        now = self._read()
        if error.code == 422 and now.version == seen.version:
            raise error
        return now

    def _is_foreign(self, state: Manifest) -> bool:
        """The weights are not those that `set` wrote."""
        assert self._done is not None  # asked for by the only caller
        return bool(route.weights_patch(state, self._pairs(state), self._done.weight_percent))

    def _await_gateway(self, seen: Manifest, weight_percent: float) -> None:
        """Waits for the controllers that report on this route to report on this generation.

        A route that no controller reports on is taken as it is: the measured split decides.
        """
        if not seen.each("status", "parents"):
            return
        left_s = self._patience.left_s(weight_percent, time.monotonic())
        last, is_reached = self._cluster.wait(
            self._place, self._is_programmed, limit_s=min(SLICE_S, left_s)
        )
        if not is_reached and left_s > SLICE_S:
            raise UnderWayError(f"{self.text}: the gateway has not taken it over yet")
        self._patience.end()
        if not is_reached:
            raise RouterError(
                f"{self.text}: the gateway did not report within {self._programmed_limit_s:g} s "
                f"that it took generation {last.whole('metadata', 'generation')} over; see "
                f"`kubectl describe httproute {self._place.name} -n {self._place.namespace}`"
            )

    def _is_programmed(self, state: Manifest) -> bool:
        generation = state.whole("metadata", "generation")
        conditions = [
            condition
            for parent in state.each("status", "parents")
            for condition in parent.each("conditions")
            if condition.text("type") in ("Accepted", "ResolvedRefs")
            # Some controllers do not say which generation they mean: nothing to wait for.
            if condition.at("observedGeneration") is not None
        ]
        current = [each for each in conditions if each.whole("observedGeneration") >= generation]
        for condition in current:
            if condition.text("status") == "False":
                raise RouterError(
                    f"{self.text}: the gateway refuses it: {condition.text('type')} is False, "
                    f"{condition.text('reason')}: {condition.text('message')}",
                    lasting=True,
                )
        return len(current) == len(conditions)

    def _described(self, pair: route.Pair, canary_weight: int, total: int) -> str:
        return (
            f"patch httproute {self._place.name} in {self._place.namespace}, "
            f"{pair.canary.pointer.rpartition('/backendRefs')[0]}: "
            f"{pair.stable.name} {total - canary_weight}, {pair.canary.name} {canary_weight}"
        )


def _writer(state: Manifest) -> str:
    return writer_of(state, "spec", "rules") or "an unknown field manager"
