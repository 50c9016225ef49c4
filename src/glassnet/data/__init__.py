"""Data: readers, named datasets, image transforms, and pictures of handwriting."""
