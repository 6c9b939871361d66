"""Names that the whole integration shares."""

import logging
from typing import Final

DOMAIN: Final = "hausstrom"
LOGGER: Final = logging.getLogger(__package__)

CONF_KIND: Final = "kind"
CONF_BROKER: Final = "broker"
CONF_AUTHORITY: Final = "authority"
CONF_CERTIFICATE: Final = "certificate"
CONF_SOURCE: Final = "source"
CONF_TLS: Final = "tls"
CONF_TOPIC: Final = "topic"
CONF_UPDATE_INTERVAL: Final = "update_interval"

SOURCE_HOME_ASSISTANT: Final = "homeassistant"
SOURCE_BROKER: Final = "broker"
