"""Open openings for everybody: search engines, job boards, feed readers. No key is needed, and
nothing of a worker is ever here.
"""
