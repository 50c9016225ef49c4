"""Monitoring: statistics of each step and epoch of a training run."""
