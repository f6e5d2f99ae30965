"""Extraction of requirements from the free text of openings: pure, precise rather than complete."""
