"""Change feed of openings, matches, workers and stations: ordered and resumable.

The lists are the snapshot. From a cursor on, every change is delivered at least once; after a
broken connection `id` and `version` identify repeats.
"""
