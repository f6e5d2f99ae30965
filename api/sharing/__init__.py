"""Answers of workers to the question whether an employer may have their contact details."""
