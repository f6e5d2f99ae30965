"""The change feed: what became of openings, matches, workers and stations, in order, resumable.

A snapshot are the lists; from a cursor on, everything that comes is told once, or more than once
after a connection broke: `id` and `version` say what is new.
"""
