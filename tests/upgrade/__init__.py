"""Homes that a version before has set up go on with this one."""
