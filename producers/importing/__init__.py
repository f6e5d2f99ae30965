"""Import of files: open, map, check, compare with the stored facts, publish, report, undo."""
