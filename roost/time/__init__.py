"""Time: the injected clock, and deadlines of matches."""
