"""Evaluation: a model's accuracy, calibration and mistakes, as numbers, plots and HTML."""
