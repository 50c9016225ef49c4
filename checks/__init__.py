"""Checks of prose that no published linter makes: run by ``make check``."""
