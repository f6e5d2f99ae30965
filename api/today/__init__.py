"""A day of work at a station: calls and interviews that are due, and the load of colleagues."""
