"""Posting many records at once: what a person may order, and the job that does it in chunks."""
