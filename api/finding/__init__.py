"""Manual matching: openings for a worker, workers for an opening, and proposals by hand."""
