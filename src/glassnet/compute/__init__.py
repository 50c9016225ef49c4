"""What NumPy computes on, how fast that is, and what slows it down."""

from glassnet.compute.machine import check_memory, describe, describe_cpu

__all__ = ["check_memory", "describe", "describe_cpu"]
