"""Runs: a recipe trained on a dataset, kept in a folder."""
