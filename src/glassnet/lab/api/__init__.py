"""Request handlers: plain functions from data to data, independent of the server and browser."""
