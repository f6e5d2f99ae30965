"""Law: criteria that openings may not demand and that matching may not use."""
