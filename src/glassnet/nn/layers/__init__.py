"""Layers: the protocol, and one class for each kind."""
