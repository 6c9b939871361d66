"""One MQTT link with two ends: Home Assistant's broker, or a broker of the device's own."""
