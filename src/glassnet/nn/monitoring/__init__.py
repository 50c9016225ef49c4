"""Monitoring: statistics of each step and epoch in a training run."""
