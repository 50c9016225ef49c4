"""Compute: the processor, BLAS and threads in use, their speed, and any slowdowns."""

from glassnet.compute.machine import check_memory, describe, describe_cpu

__all__ = ["check_memory", "describe", "describe_cpu"]
