"""Names and limits of a SmartLog entry."""

from typing import Final

CONF_TRANSPORT: Final = "transport"
CONF_SMARTLOG_ID: Final = "smartlog_id"
CONF_GATEWAY_ID: Final = "gateway_id"
CONF_LOCAL_ONLY: Final = "local_only"
CONF_CLOUDHOOK: Final = "cloudhook"
CONF_AUTO_CREATE: Final = "auto_create"
CONF_STALE_AFTER: Final = "stale_after"
CONF_TOTALS: Final = "totals"
CONF_REPLACED: Final = "replaced"
CONF_REPLACEMENT: Final = "replacement"
CONF_AREAS_BY_LABEL: Final = "areas_by_label"
CONF_MOST_METERS: Final = "most_meters"
CONF_RESTORE_METERS: Final = "restore_meters"

TRANSPORT_MQTT: Final = "mqtt"
TRANSPORT_WEBHOOK: Final = "webhook"

DEFAULT_TOPIC: Final = "smartlog/#"
DEFAULT_USERNAME: Final = "smartlog"

LISTENING_MQTT: Final = 120.0
"""Seconds that setting up waits for a message; loggers report every few minutes."""
LISTENING_WEBHOOK: Final = 600.0
"""Seconds that setting up waits while the user enters the address in the logger."""
