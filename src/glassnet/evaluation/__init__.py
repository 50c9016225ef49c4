"""Evaluation: accuracy, calibration and mistakes of a model, as numbers, plots and HTML."""
