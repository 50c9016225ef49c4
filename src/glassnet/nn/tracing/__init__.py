"""Tracing: one step with every value recorded and explained.

Reading order: ``trace`` takes the step, by ``recording`` its arrays into a ``step``. Each array is
one of the ``quantities``, with one of the ``formulas``; ``table`` prints them. An ``explanation``
of a value has its ``inputs`` and ``consumers``; a ``perturbation`` moves a parameter.
"""
