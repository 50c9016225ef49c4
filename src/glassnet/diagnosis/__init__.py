"""Diagnosis: problems of a training run, found in its recorded statistics."""
