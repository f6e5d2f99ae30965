"""Skills and occupations by name, for fields that complete as one types."""
