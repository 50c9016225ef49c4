"""Tracing: one step with every value recorded and explained."""
