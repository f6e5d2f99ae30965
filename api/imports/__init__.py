"""Bulk imports: a file is sent, a job reads it, and anybody of the same account looks how far."""
