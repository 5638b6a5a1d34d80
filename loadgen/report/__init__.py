"""Reports: a Measurement in, text out. Pure; nothing here writes a file."""
