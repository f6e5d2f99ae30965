"""Saved replies of stations: list, add, change, remove."""
