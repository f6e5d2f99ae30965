"""Mutations that switch one defence of docs/security.md off, and a run that proves its tests fail.

`make test-mutations` runs all of them, `LINES="14 15"` those of some lines. Each file holds the
mutations of one line of the list of findings.
"""
