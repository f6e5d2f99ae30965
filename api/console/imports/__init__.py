"""Pages of imports: choose a file, its columns, a preview, the import, its undo."""
