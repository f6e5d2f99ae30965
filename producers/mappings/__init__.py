"""Mappings: which column of a file becomes which field, and how its values are read."""
