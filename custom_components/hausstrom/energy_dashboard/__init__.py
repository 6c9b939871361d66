"""The energy dashboard: what it lacks of a home, the offer to add that, and the action that does."""
