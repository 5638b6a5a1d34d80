"""Tests of loadgen.display."""
