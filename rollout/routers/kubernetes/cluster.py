"""Talks to one API server: get, list, patch, create, and wait for a change. I/O.

lightkube says where the server is and who we are (access.py); the objects are kept as they come
(manifest.py says why).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NoReturn

import httpx2

from loadgen.control_client import what_failed
from rollout.routers.kubernetes.kinds import Place
from rollout.routers.kubernetes.manifest import Manifest
from rollout.routers.router import RouterError

__all__ = ["FIELD_MANAGER", "Cluster", "ClusterError", "PatchKind"]

FIELD_MANAGER = "loadgen"
"""Under this name our changes stand in managedFields."""
PASSING = (409, 410, 429)
"""Answers below 500 after which the same request may succeed: others were faster, too many."""
ADVICE = {
    401: "the credentials are not accepted: log in again, or name another context",
    403: "`loadgen rollout rbac` prints the role that is needed",
    404: "check the name and the namespace",
    409: "someone else changed it at the same time",
}


class PatchKind(StrEnum):
    """How a patch is written: RFC 6902, or RFC 7386."""

    JSON = "application/json-patch+json"
    MERGE = "application/merge-patch+json"


class ClusterError(RouterError):
    """The API server refused a request, or did not answer.

    Attributes:
        code: its HTTP status; 0: no answer.
    """

    def __init__(self, text: str, *, code: int) -> None:
        lasting = 400 <= code < 500 and code not in PASSING
        super().__init__(text, lasting=lasting)
        self.code = code


class Cluster:
    """An API server, as one user.

    Args:
        client: has the server's address, its certificate and our credentials; is closed by us.
        context: how the kubeconfig calls it.
        namespace: of the context.
    """

    def __init__(self, client: httpx2.Client, *, context: str, namespace: str) -> None:
        self._client = client
        self._context = context
        self.namespace = namespace

    @property
    def text(self) -> str:
        """For sentences: which server, by which context."""
        return f"{str(self._client.base_url).rstrip('/')} (context {self._context})"

    def close(self) -> None:
        """Closes its connections."""
        self._client.close()

    def read(self, path: str) -> Manifest:
        """What stands at a path that is no object, such as /version."""
        return self._ask("GET", path, path)

    def get(self, place: Place) -> Manifest:
        """One object.

        Raises:
            ClusterError: it is not there (404), is not ours to see (403), or no answer came.
        """
        return self._ask("GET", place.path, str(place))

    def every(self, place: Place) -> Sequence[Manifest]:
        """All objects of a place."""
        return self._ask("GET", place.path, str(place)).each("items")

    def create(self, place: Place, fields: Mapping[str, object]) -> Manifest:
        """Adds an object to a place."""
        return self._ask("POST", place.path, str(place), body=fields)

    def patch(
        self, place: Place, body: object, kind: PatchKind, *, changes_nothing: bool = False
    ) -> Manifest:
        """Changes one object, under our name.

        Args:
            place: the object.
            body: the patch.
            kind: how it is written.
            changes_nothing: the server checks it and keeps nothing (dry run).

        Raises:
            ClusterError: 409 when someone else was faster, 422 when a test of the patch failed.
        """
        params = {"fieldManager": FIELD_MANAGER}
        if changes_nothing:
            params["dryRun"] = "All"
        return self._ask("PATCH", place.path, str(place), body=body, params=params, kind=kind)

    def later(self, place: Place, version: str, *, within_s: float) -> Iterator[Manifest]:
        """What became of an object after a version, each state once, as it comes.

        Args:
            place: the object.
            version: states up to this one are not told again.
            within_s: ends then, or before: the server may end a watch at any time.

        Raises:
            ClusterError: 410 when the server has forgotten the version.
        """
        params = {
            "watch": "true",
            "fieldSelector": f"metadata.name={place.name}",
            "resourceVersion": version,
            "timeoutSeconds": str(max(1, round(within_s))),
        }
        end_s = time.monotonic() + within_s
        usual = self._client.timeout
        silence = httpx2.Timeout(
            connect=usual.connect, write=usual.write, pool=usual.pool, read=max(0.05, within_s)
        )
        try:
            with self._client.stream(
                "GET", place.all.path, params=params, timeout=silence
            ) as answer:
                if answer.is_error:
                    answer.read()
                    self._refuse(answer, "WATCH", str(place))
                for line in answer.iter_lines():
                    yield self._told(line, place)
                    if time.monotonic() >= end_s:
                        return
        except httpx2.ReadTimeout:
            return  # nothing happened for so long
        except httpx2.HTTPError as error:
            raise self._silent("WATCH", str(place), error) from error

    def wait(
        self, place: Place, is_reached: Callable[[Manifest], bool], *, limit_s: float
    ) -> tuple[Manifest, bool]:
        """Waits until an object is as wanted, or the time is over.

        Args:
            place: the object.
            is_reached: looks at each state; what it raises goes through.
            limit_s: longest wait.

        Returns:
            Its last state that was seen, and whether that is the wanted one.
        """
        end_s = time.monotonic() + limit_s
        while True:
            seen = self.get(place)
            if is_reached(seen):
                return seen, True
            if (left_s := end_s - time.monotonic()) <= 0:
                return seen, False
            for state in self.later(place, seen.version, within_s=left_s):
                if is_reached(state):
                    return state, True

    def _told(self, line: str, place: Place) -> Manifest:
        """The object of one event of a watch."""
        event = Manifest(json.loads(line))
        manifest = Manifest(event.mapping("object"))
        if event.text("type") == "ERROR":
            code = manifest.whole("code", default=500)
            raise self._refused("WATCH", str(place), code, manifest.text("message"))
        if event.text("type") == "DELETED":
            raise self._refused("WATCH", str(place), 404, "it was deleted")
        return manifest

    def _ask(
        self,
        method: str,
        path: str,
        what: str,
        *,
        body: object = None,
        params: Mapping[str, str] | None = None,
        kind: PatchKind | None = None,
    ) -> Manifest:
        headers = {"Accept": "application/json"}
        if body is not None:
            headers["Content-Type"] = kind or "application/json"
        try:
            answer = self._client.request(
                method,
                path,
                params=params,
                headers=headers,
                content=None if body is None else json.dumps(body).encode(),
            )
        except httpx2.HTTPError as error:
            raise self._silent(method, what, error) from error
        if answer.is_error:
            self._refuse(answer, method, what)
        return Manifest(answer.json())

    def _refuse(self, answer: httpx2.Response, method: str, what: str) -> NoReturn:
        try:
            message = Manifest(answer.json()).text("message")
        except ValueError:
            message = answer.text.strip()
        raise self._refused(method, what, answer.status_code, message)

    def _refused(self, method: str, what: str, code: int, message: str) -> ClusterError:
        said = " ".join(message.split()) or "no reason given"
        advice = f"; {ADVICE[code]}" if code in ADVICE else ""
        return ClusterError(f"{self.text}: {method} {what}: {code}, {said}{advice}", code=code)

    def _silent(self, method: str, what: str, error: httpx2.HTTPError) -> ClusterError:
        return ClusterError(
            f"{self.text}: {method} {what}: {what_failed(error)}; expected an answer of the API "
            "server, see that it runs and can be reached from here",
            code=0,
        )
