"""What a run costs: CPU and memory of the generator, and of the target where they can be seen.

Modules that talk to somebody are imported by who needs them, since their libraries are slow
to load.
"""

from loadgen.watch.options import PrometheusQueries, WatchOptions
from loadgen.watch.usage import NOTHING_SEEN, Source, Usage, WatchError

__all__ = ["NOTHING_SEEN", "PrometheusQueries", "Source", "Usage", "WatchError", "WatchOptions"]
