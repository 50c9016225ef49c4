"""Readers for data files, one per format, and their selection by file name and content."""
