"""Years through Home Assistant's own recorder, in driven time."""
