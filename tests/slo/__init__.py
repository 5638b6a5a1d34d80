"""Tests of slo."""
