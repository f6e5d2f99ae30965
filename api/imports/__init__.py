"""Bulk imports: an uploaded file, the job that reads it, and the job's progress."""
