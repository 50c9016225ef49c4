"""Inference: classification of drawings and pictures in worker processes."""
