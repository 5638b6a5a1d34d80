"""Tests of loadgen.report.html."""
