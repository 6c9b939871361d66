"""What the three ways to a SENEC have in common, without Home Assistant."""
