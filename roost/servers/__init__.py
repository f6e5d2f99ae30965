"""Connections to servers, and tuning of server processes."""
