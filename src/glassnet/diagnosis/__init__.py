"""Diagnosis: findings read from the record of a training run."""
