"""Readers of data files, one for each format, chosen by content."""
