"""The words of notifications, to be looked at."""
