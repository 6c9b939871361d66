"""What all kinds have in common, without Home Assistant."""
