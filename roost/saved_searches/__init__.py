"""Saved searches: the openings that one finds, the searches that find an opening, and its words."""
