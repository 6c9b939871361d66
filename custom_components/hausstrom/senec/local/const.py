"""Names and rhythms of the local SENEC."""

from typing import Final

KIND: Final = "senec_local"
CONF_SCAN_INTERVAL: Final = "scan_interval"

DEFAULT_SCAN_INTERVAL: Final = 10
MIN_SCAN_INTERVAL: Final = 5
MAX_SCAN_INTERVAL: Final = 300

SLOW_INTERVAL: Final = 300.0
"""Seconds after which the slow values are asked for again."""
TOLERATED_FAILURES: Final = 2
"""Polls in a row that may fail before the entities become unavailable."""
PROBE_AFTER: Final = 3
"""Failures in a row after which https and http are tried anew."""
REBOOT_PAUSE: Final = 300.0
CONFIRM_TRIES: Final = 8
CONFIRM_PAUSE: Final = 1.0
STORE_INTERVAL: Final = 300.0
"""Seconds between two writes of the counters to disk; the last one is when Home Assistant stops."""
HTTPS_PORT: Final = 443
