"""Tables in files: bytes become sheets of cells, and sheets become tables with headings."""
