"""Notes on workers, matches, openings and employers, and the texts of actions on matches."""
