"""Benchmarks: speed as a ratio to a baseline measured in the same run, never a pass or a fail."""
