"""Comparison of records of people: whether two describe one person."""
