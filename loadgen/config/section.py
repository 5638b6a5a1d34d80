"""What every section of loadgen.yml is: a mapping whose keys are all known."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Section"]


class Section(BaseModel):
    """A mapping with known keys only, each refused when it is there without a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)
