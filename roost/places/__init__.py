"""Places: the gazetteer of administrative divisions, distances, and circles as search cells."""
