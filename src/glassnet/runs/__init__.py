"""Runs: recipes trained on a dataset, each in its own folder."""
