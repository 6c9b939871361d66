"""Measurements beside peers and floors; run with scripts/bench."""
