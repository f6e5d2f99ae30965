"""Gains that a training course would bring to workers, computed on demand; no stage runs it."""
