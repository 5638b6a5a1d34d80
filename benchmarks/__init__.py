"""Benchmarks: one question a script, one CSV a script, peers side by side in the same run."""
