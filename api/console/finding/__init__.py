"""Pages of manual matching: find work for a person, find people for an opening."""
