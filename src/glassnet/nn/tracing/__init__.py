"""Tracing: one training step with every value recorded and explained.

Reading order: ``trace`` takes a training step; ``recording`` stores its arrays in a ``step``.
``quantities`` gives each array one of the ``formulas``; ``table`` formats them. An ``explanation``
of a value lists its ``inputs`` and its ``consumers``; a ``perturbation`` changes a parameter.
"""
