"""Diagnosis: problems in a training run, detected from its recorded statistics."""
