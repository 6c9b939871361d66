"""Names and rhythms of the local SENEC."""

from typing import Final

KIND: Final = "senec_local"
CONF_SCAN_INTERVAL: Final = "scan_interval"

DEFAULT_SCAN_INTERVAL: Final = 10
MIN_SCAN_INTERVAL: Final = 5
MAX_SCAN_INTERVAL: Final = 300

TOLERATED_FAILURES: Final = 2
"""Polls in a row that may fail before the entities become unavailable."""
OLDEST_VALUE: Final = 110.0
"""Seconds after which no value is shown any more, however few polls have failed."""
PROBE_AFTER: Final = 3
"""Failures in a row after which somebody else may be answering at the address."""
CHART_TIME: Final = 15.0
CHART_FAILURES: Final = 3
"""How long, and until how many failures in a row, the set-up waits for the values a system has."""
CHART_AGE: Final = 24 * 3600.0
"""Seconds after which everything is looked at anew at a start."""
