"""Servers that behave like the devices, for development and tests; never shipped."""
