"""Gradient check: backpropagation compared with finite differences."""
