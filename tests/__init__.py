"""Tests, the demo and the benchmarks."""
