"""Displays: what a person sees while a run goes on."""

from loadgen.display.choose import Display, choose
from loadgen.display.live import LiveDisplay
from loadgen.display.plain import PlainDisplay
from loadgen.display.quiet import QuietDisplay

__all__ = ["Display", "LiveDisplay", "PlainDisplay", "QuietDisplay", "choose"]
