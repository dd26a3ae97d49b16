"""Records from a file: what is in it, which column is which field, a dry run, and then the import in chunks."""
