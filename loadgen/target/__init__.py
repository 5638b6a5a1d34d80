"""The built-in target: an HTTP server whose behaviour is ordered and whose counts are true."""

from loadgen.target.launch import running_target
from loadgen.target.settings import Behaviour, Settings

__all__ = ["Behaviour", "Settings", "running_target"]
