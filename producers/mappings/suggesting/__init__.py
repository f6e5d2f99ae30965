"""Suggestions for the columns of a file: a field for each, with a confidence, and their mapping."""
