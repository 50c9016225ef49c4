"""API: request handlers, plain functions from data to data."""
