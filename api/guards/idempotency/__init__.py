"""`Idempotency-Key`: a write repeated under the same key runs once and gets the same answer.

Answers are stored in the topic `requests`. Every process holds those of the last day in memory, so
a look-up costs no network round trip. docs/decisions/0014 gives the reasons.
"""
