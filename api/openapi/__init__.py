"""Completion of the OpenAPI document: facts that hold for every operation, added once."""
