"""What a run points to: its own evidence in plain sentences, the weightiest first. Pure."""

from loadgen.report.diagnosis.clue import Clue
from loadgen.report.diagnosis.diagnose import NOTHING_STANDS_OUT, diagnose

__all__ = ["NOTHING_STANDS_OUT", "Clue", "diagnose"]
