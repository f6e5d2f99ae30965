"""Sinks for providers of messages in China."""
