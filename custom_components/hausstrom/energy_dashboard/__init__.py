"""What of a home belongs into the energy dashboard."""
