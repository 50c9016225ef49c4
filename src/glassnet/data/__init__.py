"""Bytes to arrays: readers, named sources, and the three parts of a dataset."""
