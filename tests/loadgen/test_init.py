"""The Python API: `from loadgen import ...`, loaded when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import loadgen
from loadgen.plan import Plan


def _fresh(code: str) -> str:
    """What a new interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


def test_public_names_are_there() -> None:
    assert loadgen.Plan is Plan
    assert all(getattr(loadgen, name).__name__ == name for name in loadgen.__all__)
    assert set(loadgen.__all__) <= set(dir(loadgen))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'loadgen' has no attribute 'Plam'"):
        getattr(loadgen, "Plam")  # noqa: B009 - mypy knows that it is not there


def test_the_package_alone_loads_nothing() -> None:
    loaded = _fresh("import sys, loadgen; print(*(m for m in sys.modules if 'loadgen.' in m))")
    assert loaded == ""


def test_a_plan_does_not_load_what_only_people_need() -> None:
    loaded = _fresh("import sys; from loadgen import Plan; print(*sys.modules)").split()
    assert "loadgen.plan" in loaded
    assert not {"rich", "typer", "pydantic", "yaml"} & set(loaded)
