"""SmartLog M-Bus gateways (Stark Smart Energy Log 2.0): every meter of a building."""
