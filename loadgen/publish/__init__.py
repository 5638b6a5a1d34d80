"""What leaves the process: metrics to a Pushgateway, a message to Slack.

Modules that talk to somebody are imported by who needs them, since their libraries are slow
to load.
"""

from loadgen.publish.options import Grouping, PushOptions, SlackOptions, SlackWhen

__all__ = ["Grouping", "PushOptions", "SlackOptions", "SlackWhen"]
