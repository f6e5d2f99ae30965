"""Open openings for everyone: search engines, job boards, feed readers.

No key is needed, and nothing about workers is published here.
"""
