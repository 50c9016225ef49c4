"""Layers: the base class and one class for each kind of layer."""
