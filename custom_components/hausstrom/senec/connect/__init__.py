"""SENEC systems through SENEC.Connect, the official read-only service with a key."""
