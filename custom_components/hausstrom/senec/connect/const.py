"""Names of SENEC.Connect's entries."""

from typing import Final

KIND: Final = "senec_connect"
DEFAULT_SCAN_INTERVAL: Final = 60
