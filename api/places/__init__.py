"""Places by name, for fields that complete as one types."""
