"""Victron GX systems: what Venus OS publishes over MQTT."""
