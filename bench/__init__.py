"""Speed, as a ratio against something run side by side. Never a pass or a fail."""
