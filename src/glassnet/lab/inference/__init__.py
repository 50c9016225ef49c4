"""Inference: drawings and pictures, classified in worker processes."""
