"""The HTML report: one file that needs no other, for people, browsers and printers. Pure."""

from loadgen.report.html.document import render
from loadgen.report.html.objectives import ObjectiveRow

__all__ = ["ObjectiveRow", "render"]
