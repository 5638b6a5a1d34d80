"""The doctor: whether this box can be trusted to generate load. Checks, and a calibration."""

from loadgen.doctor.box import Box, read_box
from loadgen.doctor.calibration import Calibration, Limit, Trial, conclude, next_rate, search
from loadgen.doctor.checks import examine
from loadgen.doctor.finding import Finding, Level

__all__ = [
    "Box",
    "Calibration",
    "Finding",
    "Level",
    "Limit",
    "Trial",
    "conclude",
    "examine",
    "next_rate",
    "read_box",
    "search",
]
