"""The runs that are kept: a folder each in .loadgen/runs, complete or not there at all.

A folder is named by the run's id, which sorts by time, and holds result.json and report.md for
people and other programs, and measurement.json and histograms.npz, from which the Measurement
is built again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from loadgen.archive import pack, unpack
from loadgen.errors import ConfigError
from slo.validity import Validity
from slo.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loadgen.measurement import Measurement

__all__ = ["FOLDER", "History", "load_run"]

FOLDER = Path(".loadgen/runs")
STATE, COUNTS = "measurement.json", "histograms.npz"
MAX_STATE_BYTES = 1 << 30
_RUN_ID = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}")
_LATEST, _BEST = "last", "best"


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The runs below a folder.

    Attributes:
        folder: it need not exist.
    """

    folder: Path = FOLDER

    def ids(self) -> list[str]:
        """The ids of all runs, the oldest first."""
        if not self.folder.is_dir():
            return []
        return sorted(path.name for path in self.folder.iterdir() if _RUN_ID.fullmatch(path.name))

    def keep(self, measurement: Measurement, files: Mapping[str, str], *, most: int) -> Path:
        """Keeps a run, and lets the oldest ones go.

        Args:
            measurement: of the run.
            files: what else lies in its folder, text by name.
            most: how many runs are kept, this one included; 1 or more.

        Returns:
            The run's folder.

        Raises:
            OSError: it cannot be written; nothing is left of it.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        _ignored_by_git(self.folder.parent)
        place = self.folder / measurement.run.id
        unfinished = self.folder / f".{measurement.run.id}.{os.getpid()}.new"
        unfinished.mkdir()
        try:
            _write(unfinished, measurement)
            for name, text in files.items():
                (unfinished / name).write_text(text, encoding="utf-8")
            unfinished.rename(place)
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        for old in self.ids()[:-most]:
            shutil.rmtree(self.folder / old, ignore_errors=True)  # somebody else may be at it
        return place

    def find(self, name: str, like: str = "") -> Measurement | None:
        """A run by what people call it.

        Args:
            name: an id or its beginning, a folder, a file in it; "last" is the newest run, "best"
                the one with the lowest P95 that violated nothing; both of the runs that were
                done and are evidence.
            like: the hash of a plan: "last" and "best" look at its runs only.

        Returns:
            None when there is no last or best run yet.

        Raises:
            ConfigError: there is no such run, or it cannot be read.
        """
        if name in {_LATEST, _BEST}:
            return self._newest(like) if name == _LATEST else self._best(like)
        path = Path(name)
        if path.exists():
            kept = self.folder / _id_in(path)
            return load_run(kept if _RUN_ID.fullmatch(kept.name) and kept.is_dir() else path)
        ids = [each for each in self.ids() if each.startswith(name)]
        if len(ids) == 1:
            return load_run(self.folder / ids[0])
        if ids:
            raise ConfigError(f"run {name!r}: found {len(ids)} runs whose id begins so; expected 1")
        raise ConfigError(
            f"run {name!r}: found no such file and no such run in {self.folder}; expected one of "
            f"{', '.join([*self.ids()[-3:], _LATEST, _BEST])}"
        )

    def _newest(self, like: str) -> Measurement | None:
        return next(self._sound(like), None)

    def _best(self, like: str) -> Measurement | None:
        timed = [
            m
            for m in self._sound(like)
            if m.total.latency.p95_ms is not None and not (m.slo and m.slo.verdict is Verdict.FAIL)
        ]
        return min(timed, key=lambda m: m.total.latency.p95_ms or 0.0, default=None)

    def _sound(self, like: str) -> Iterator[Measurement]:
        """Runs that were done, and are evidence, the newest first."""
        for each in reversed(self.ids()):
            try:
                measurement = load_run(self.folder / each)
            except ConfigError:
                continue  # pruned by another run, or of a version that is gone
            done = not measurement.run.failure and measurement.total.succeeded > 0
            is_like = like in {"", measurement.run.plan_hash}
            if done and is_like and measurement.health.verdict is not Validity.INVALID:
                yield measurement


def load_run(path: Path) -> Measurement:
    """The measurement of a run that was kept.

    Args:
        path: its folder, or a file in it.

    Raises:
        ConfigError: it was not kept there, or cannot be read.
    """
    folder = path if path.is_dir() else path.parent
    try:
        if (folder / STATE).stat().st_size > MAX_STATE_BYTES:
            raise ConfigError(f"{folder / STATE}: it is too large for a run")
        plain = json.loads((folder / STATE).read_text(encoding="utf-8"))
        with (
            (folder / COUNTS).open("rb") as stream,
            np.load(stream, allow_pickle=False) as arrays,
        ):
            return unpack(plain, {name: arrays[name] for name in arrays.files})
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        raise ConfigError(
            f"{path}: found no {missing} beside it, which a comparison needs; expected the folder "
            f"of a run as in {FOLDER}, or a file in it"
        ) from None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); expected a run") from None
    except (ValueError, KeyError, TypeError, StopIteration, BadZipFile) as error:
        raise ConfigError(
            f"{path}: is no run that this version can read ({type(error).__name__}: {error})"
        ) from None


def _id_in(path: Path) -> str:
    """The id of the run that a result file elsewhere is about; "" when it is no such file."""
    if path.is_dir() or (path.parent / STATE).exists():
        return ""
    try:
        run_id = json.loads(path.read_text(encoding="utf-8"))["run"]["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return ""
    return run_id if isinstance(run_id, str) else ""


def _write(folder: Path, measurement: Measurement) -> None:
    plain, arrays = pack(measurement)
    (folder / STATE).write_text(json.dumps(plain, allow_nan=False), encoding="utf-8")
    np.savez_compressed(folder / COUNTS, **arrays)  # type: ignore[arg-type]  # arrays by name


def _ignored_by_git(folder: Path) -> None:
    """Runs are not sources."""
    mark = folder / ".gitignore"
    if not mark.exists():
        mark.write_text("*\n", encoding="utf-8")
