"""HTTPRoute weights on a real API server, with kubectl as the judge beside the router."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from rollout.routers.kubernetes.cluster import Cluster, ClusterError, PatchKind
from rollout.routers.kubernetes.gateway import GatewayRouter
from rollout.routers.kubernetes.kinds import Place
from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError
from tests.kube.cluster import Fields, Room, http_route, set_weight

STABLE: Fields = {"name": "backend-v1", "port": 80, "weight": 100}
CANARY: Fields = {"name": "backend-v2", "port": 80, "weight": 0}
WEIGHTS = "{.spec.rules[*].backendRefs[*].weight}"


def router(room: Room, cluster: Cluster | None = None, *, limit_s: float = 0.5) -> GatewayRouter:
    return GatewayRouter(
        cluster or room.cluster,
        room.route(),
        stable="backend-v1",
        canary="backend-v2",
        programmed_limit_s=limit_s,
    )


def weights(room: Room) -> str:
    return room.fields("httproute", "backend", WEIGHTS)


@pytest.mark.parametrize(
    ("percent", "expected", "stands"),
    [
        (0.0, "100 0", 0.0),
        (5.0, "95 5", 5.0),
        (100.0, "0 100", 100.0),
        (0.5, "9950 50", 0.5),
        (33.333, "6667 3333", 33.33),
    ],
)
def test_kubectl_reads_the_weights_that_were_set(
    room: Room, percent: float, expected: str, stands: float
) -> None:
    room.create(http_route([STABLE, CANARY]))
    routes = router(room)
    routes.set(percent)
    assert weights(room) == expected
    assert routes.get() == pytest.approx(stands)
    assert routes.nearest(percent) == pytest.approx(stands)
    assert routes.verify() is None


def test_setting_what_stands_already_changes_nothing(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))
    routes = router(room)
    routes.set(25)
    before = room.cluster.get(room.route()).version
    routes.set(25)
    assert room.cluster.get(room.route()).version == before


def test_all_else_stays_byte_for_byte(room: Room) -> None:
    """Another rule, a third service, filters and fields that nobody here knows."""
    other: Fields = {"name": "backend-old", "port": 81, "weight": 10, "x-ours": ["ä", {"b": None}]}
    filters = [{"type": "RequestHeaderModifier", "requestHeaderModifier": {"remove": ["x"]}}]
    room.create(
        http_route(
            [{"name": "images", "port": 80}],
            [{**STABLE, "weight": 90, "filters": filters}, other, CANARY],
        )
    )
    before = json.loads(room.kubectl("get", "httproute", "backend", "-o", "json"))
    router(room).set(20)
    after = json.loads(room.kubectl("get", "httproute", "backend", "-o", "json"))
    # Beside a third service the sum of our two stays, so that its share does.
    for references, changed in ((before, (72, 18)), (after, (72, 18))):
        ours = references["spec"]["rules"][1]["backendRefs"]
        ours[0]["weight"], ours[2]["weight"] = changed
    assert json.dumps(after["spec"]) == json.dumps(before["spec"])


def test_dry_run_tells_each_change_and_its_inverse(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))
    routes = router(room)
    (change,) = routes.changes(5)
    assert change.action.endswith("/spec/rules/0: backend-v1 95, backend-v2 5")
    assert change.inverse.endswith("/spec/rules/0: backend-v1 100, backend-v2 0")
    assert weights(room) == "100 0"
    assert routes.changes(0) == ()


class Meddling(Cluster):
    """A connection on which someone else writes just before each of our first patches."""

    def meddle(self, times: int, write: Callable[[int], None]) -> None:
        self.left, self.write = times, write

    def patch(
        self, place: Place, body: object, kind: PatchKind, *, changes_nothing: bool = False
    ) -> Manifest:
        if self.left:
            self.left -= 1
            self.write(self.left)
        return super().patch(place, body, kind, changes_nothing=changes_nothing)


def meddling(room: Room, times: int, write: Callable[[int], None]) -> Meddling:
    cluster = Meddling(room.cluster._client, context="test", namespace=room.namespace)
    cluster.meddle(times, write)
    return cluster


def test_a_route_that_was_changed_meanwhile_is_read_again(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))

    def label(left: int) -> None:
        room.kubectl("label", "httproute", "backend", f"seen-{left}=yes")

    router(room, meddling(room, 2, label)).set(5)
    assert weights(room) == "95 5"
    assert room.fields("httproute", "backend", "{.metadata.labels}").count("yes") == 2


def test_two_services_that_changed_places_get_their_own_weights(room: Room) -> None:
    """The positions of a patch are those of one version of the route."""
    room.create(http_route([STABLE, CANARY]))
    swapped = http_route([CANARY, STABLE])

    def swap(_: int) -> None:
        room.kubectl("replace", "-f", "-", given=json.dumps(swapped))

    router(room, meddling(room, 1, swap)).set(5)
    assert room.fields("httproute", "backend", "{.spec.rules[0].backendRefs[*].name}") == (
        "backend-v2 backend-v1"
    )
    assert weights(room) == "5 95"


def test_a_route_that_never_rests_is_named_with_its_writer(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))

    def fight(left: int) -> None:
        patch = [{"op": "add", "path": "/spec/rules/0/backendRefs/0/weight", "value": 50 + left}]
        room.kubectl(
            *("patch", "httproute", "backend", "--type=json", "-p", json.dumps(patch)),
            "--field-manager=argocd",
        )

    with pytest.raises(RouterError, match=r"changed 5 times .* last by argocd") as caught:
        router(room, meddling(room, 9, fight)).set(5)
    assert not caught.value.lasting


def test_who_changed_the_weights_back_is_named(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))
    routes = router(room)
    assert routes.changed_by() == ""
    routes.set(25)
    assert routes.changed_by() == ""
    room.kubectl("label", "httproute", "backend", "team=shop")
    assert routes.changed_by() == ""
    patch_as(room, "argocd-controller", 100, 0)
    assert routes.changed_by() == "argocd-controller"


def test_a_change_that_was_undone_in_between_is_seen(room: Room) -> None:
    """A look at the present state alone would miss it."""
    room.create(http_route([STABLE, CANARY]))
    routes = router(room)
    routes.set(25)
    patch_as(room, "flux", 100, 0)
    patch_as(room, "shop", 75, 25)
    assert routes.get() == 25
    assert routes.changed_by() == "flux"


def test_setting_it_again_forgets_nobody(room: Room) -> None:
    """As is done while a gateway takes its time."""
    room.create(http_route([STABLE, CANARY]))
    routes = router(room)
    routes.set(25)
    patch_as(room, "flux", 100, 0)
    patch_as(room, "shop", 75, 25)
    routes.set(25)
    assert routes.changed_by() == "flux"


class Forgetful(Cluster):
    """A connection to a server that has compacted away what was before."""

    def later(self, place: Place, version: str, *, within_s: float) -> Iterator[Manifest]:
        raise ClusterError("too old resource version", code=410)


def test_when_the_past_is_forgotten_the_present_speaks(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))
    routes = router(room, Forgetful(room.cluster._client, context="test", namespace=room.namespace))
    routes.set(25)
    patch_as(room, "flux", 90, 10)
    assert routes.changed_by() == "flux"
    patch_as(room, "shop", 75, 25)
    assert routes.changed_by() == ""


def patch_as(room: Room, manager: str, stable: int, canary: int) -> None:
    patch = [
        {"op": "add", "path": f"/spec/rules/0/backendRefs/{position}/weight", "value": weight}
        for position, weight in enumerate((stable, canary))
    ]
    room.kubectl(
        *("patch", "httproute", "backend", "--type=json", "-p", json.dumps(patch)),
        f"--field-manager={manager}",
    )


def report(
    room: Room, generation: int, *, accepted: bool = True, parents: Sequence[str] = ("edge",)
) -> None:
    """Plays the gateway's controller, whose status says what it took over."""
    conditions = [
        {
            "type": "Accepted",
            "status": "True" if accepted else "False",
            "observedGeneration": generation,
            "reason": "Accepted" if accepted else "NoMatchingParent",
            "message": "" if accepted else "no such listener",
        }
    ]
    write_status(
        room,
        {"parents": [{"parentRef": {"name": name}, "conditions": conditions} for name in parents]},
    )


def write_status(room: Room, status: Fields) -> None:
    room.cluster.patch(
        Place(kind=room.route().kind, namespace=room.namespace, name="backend/status"),
        {"status": status},
        PatchKind.MERGE,
    )


def test_set_returns_when_the_gateway_has_taken_it_over(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))
    report(room, 1)
    routes = router(room, limit_s=10)
    later = threading.Timer(0.2, report, (room, 2))
    later.start()
    try:
        set_weight(routes, 5)
    finally:
        later.join()
    assert room.fields("httproute", "backend", "{.metadata.generation}") == "2"


def test_a_gateway_that_does_not_take_it_over_is_named(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))
    report(room, 1)
    with pytest.raises(RouterError, match=r"did not report within 0\.5 s .* generation 2"):
        router(room).set(5)


def test_a_gateway_that_names_no_generation_is_not_waited_for(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))
    condition = {"type": "Accepted", "status": "True"}
    write_status(room, {"parents": [{"parentRef": {"name": "edge"}, "conditions": [condition]}]})
    router(room).set(5)
    assert weights(room) == "95 5"


def test_a_gateway_that_refuses_the_route_is_named(room: Room) -> None:
    room.create(http_route([STABLE, CANARY]))
    report(room, 2, accepted=False)
    with pytest.raises(RouterError, match="Accepted is False, NoMatchingParent: no such") as caught:
        router(room).set(5)
    assert caught.value.lasting


def test_a_route_that_is_not_there_is_named(room: Room) -> None:
    with pytest.raises(ClusterError, match=r"GET httproutes/backend in .*: 404, ") as caught:
        router(room).get()
    assert caught.value.lasting
