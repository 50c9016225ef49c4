"""Request handlers: plain functions from data to data, independent of server and browser."""
