"""One object of the Kubernetes API, whole, as the server sent it; read by path. Pure.

A dictionary rather than a model of the fields that are known: what is put back (a template, for
example) must carry what a newer server knows, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Manifest", "writer_of"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """An object of the API.

    Attributes:
        fields: all of it, as decoded from JSON.
    """

    fields: Mapping[str, object]

    def at(self, *path: str) -> object:
        """What stands at a path of keys; None when a key on the way is missing."""
        found: object = self.fields
        for key in path:
            if not isinstance(found, Mapping):
                return None
            found = found.get(key)
        return found

    def text(self, *path: str) -> str:
        """The text at a path; "" when there is none."""
        found = self.at(*path)
        return found if isinstance(found, str) else ""

    def whole(self, *path: str, default: int = 0) -> int:
        """The whole number at a path, or `default`."""
        found = self.at(*path)
        return found if isinstance(found, int) else default

    def mapping(self, *path: str) -> Mapping[str, object]:
        """The mapping at a path; empty when there is none."""
        found = self.at(*path)
        return found if isinstance(found, Mapping) else {}

    def each(self, *path: str) -> Sequence[Manifest]:
        """The mappings of the list at a path; other items become empty ones."""
        found = self.at(*path)
        items = found if isinstance(found, list) else []
        return [Manifest(item if isinstance(item, Mapping) else {}) for item in items]

    @property
    def name(self) -> str:
        """Of the object, within its kind and namespace."""
        return self.text("metadata", "name")

    @property
    def uid(self) -> str:
        """Of this very object: another one of the same name has another."""
        return self.text("metadata", "uid")

    @property
    def version(self) -> str:
        """The resourceVersion, new after each change; compared only for being the same."""
        return self.text("metadata", "resourceVersion")

    @property
    def is_observed(self) -> bool:
        """Its controller has seen the newest specification."""
        generation = self.whole("metadata", "generation")
        return self.whole("status", "observedGeneration") >= generation


def writer_of(manifest: Manifest, *path: str) -> str:
    """The field manager that last wrote a field, by the object's own managedFields.

    Args:
        manifest: the object.
        *path: keys of the field, such as "spec", "rules".

    Returns:
        For example "argocd-controller"; "" when the object does not tell.
    """
    owners = [
        entry
        for entry in manifest.each("metadata", "managedFields")
        if entry.at("fieldsV1", *(f"f:{key}" for key in path)) is not None
    ]
    if not owners:
        return ""
    return max(owners, key=lambda entry: entry.text("time")).text("manager")
