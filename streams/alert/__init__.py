"""alert: new and changed openings against all saved searches."""
