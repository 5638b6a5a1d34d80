"""How much longer things take in this run of the tests than they usually do.

Under `make sanitize` every memory access is checked, also those of servers and workers.
"""

from __future__ import annotations

import os

__all__ = ["SANITIZED", "SLOWER"]

SANITIZED = "libasan" in os.environ.get("LD_PRELOAD", "")
SLOWER = 4.0 if SANITIZED else 1.0
"""A factor for durations in which something has to happen so many times, and for patience."""
