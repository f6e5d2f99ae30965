"""Conversations: messages between workers and the stations that serve them."""
