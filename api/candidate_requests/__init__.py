"""Requests of employers for candidates, and the answers of stations."""
