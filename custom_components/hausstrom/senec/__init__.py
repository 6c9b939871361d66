"""SENEC batteries: what the local network and the cloud have in common."""
