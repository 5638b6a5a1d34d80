"""Traffic that was written down, read again and sent to both sides in pairs."""
