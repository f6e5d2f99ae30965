"""Saved searches of workers: kept, changed, ended by a link, and the openings that they find."""
