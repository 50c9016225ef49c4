"""Diagnosis: what is wrong with a training, and why, read from what it wrote down."""
