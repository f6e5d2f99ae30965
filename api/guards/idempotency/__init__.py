"""`Idempotency-Key`: the same write under the same key is done once and answered the same.

The answers stand in the topic `requests`; every process holds those of the last day in memory, so
a look-up costs no network. docs/decisions/0014 tells why.
"""
