"""Backends that train the same network on the same batches, each in a separate process."""
