"""API: request handlers, plain functions from data to data, without a server or a browser."""
