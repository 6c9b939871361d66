"""Names of the settings of a GX."""

from typing import Final

KIND: Final = "victron"

CONF_PORTAL_ID: Final = "portal_id"
CONF_TOPIC_PREFIX: Final = "topic_prefix"
CONF_PAIRING: Final = "pairing"
CONF_TOKEN: Final = "token"  # noqa: S105  the name of a field
CONF_TAKE_OVER: Final = "take_over"
CONF_VRM: Final = "vrm"
"""Set in the data of an entry whose broker is Victron's, on the internet."""

CONF_SERVICES: Final = "services"
CONF_CONTROLS: Final = "controls"
DEFAULT_UPDATE_INTERVAL: Final = 10

SOURCE_GX: Final = "gx"
SOURCE_VRM: Final = "vrm"

DEFAULT_USERNAME: Final = "remoteconsole"
"""A GX checks the password only, but MQTT sends none without a user name."""

MANUFACTURER: Final = "Victron Energy"
