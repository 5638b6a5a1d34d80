"""Tests of loadgen.report."""
