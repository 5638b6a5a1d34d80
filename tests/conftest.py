"""What holds for every test: it is no step of a GitHub workflow, even where it is run by one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _no_workflow() -> Iterator[None]:
    """Else each run that a test makes would be told of on the page of the workflow."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT"):
            patch.delenv(name, raising=False)
        yield
