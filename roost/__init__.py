"""Shared vocabulary of Roost: events, topics, ids, places, law, wording; imports none of ours."""
