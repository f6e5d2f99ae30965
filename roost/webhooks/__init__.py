"""Calls to webhooks: connections to permitted addresses, signed requests, excerpts of answers."""
