"""Readers of data files, one per format, and their selection by name and content."""
